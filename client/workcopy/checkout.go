package workcopy

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/atomicfile"
	"github.com/kpm-sh/kpm/internal/kube"
)

// Checkout is a verified Kube that is about to become a working copy.
type Checkout struct {
	Kube   *kube.Kube
	Origin Origin
	Dir    string
	Edited []string // files of the present copy that would be lost: agreed to first
}

// Checkout looks at what is in the place of the working copy of a release, which is
// k and comes from there. Nothing is changed there yet.
func (c Copies) Checkout(k *kube.Kube, from Origin) (*Checkout, error) {
	edited, err := c.Edits(k.Name)
	if err != nil {
		return nil, err
	}
	return &Checkout{Kube: k, Origin: from.of(k), Dir: c.Home.Copy(k.Name), Edited: edited}, nil
}

// Commit makes the working copy. Whoever calls it has the user's yes to losing what
// was Edited; edits that were made after that are kept, with an error.
func (c Copies) Commit(ctx context.Context, co *Checkout) error {
	if err := c.Home.Make(c.Home.Copies()); err != nil {
		return err
	}
	unlock, err := c.Home.Lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	edited, err := c.Edits(co.Kube.Name)
	if err != nil {
		return err
	}
	if !slices.Equal(edited, co.Edited) {
		return fmt.Errorf("replacing %s: it was edited just now: %s", co.Dir, strings.Join(edited, " "))
	}
	if err := c.finishCommit(co.Kube.Name); err != nil {
		return err
	}
	tmp, err := atomicfile.TempDir(c.Home.Dir)
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp) //nolint:errcheck // it is gone when all went well
	if err := Unpack(co.Kube, tmp); err != nil {
		return err
	}
	return c.replace(co.Kube.Name, tmp, co.Origin)
}

// replace puts a folder in the place of a working copy, in one step. Its origin
// is written as the next one before that: whoever finds it there after a kill can
// tell whether the copy is in place.
func (c Copies) replace(name, folder string, o Origin) error {
	origin, err := json.Marshal(o)
	if err != nil {
		return err
	}
	next := c.Home.NextOrigin(name)
	if err := atomicfile.Write(next, origin, 0o600); err != nil {
		return err
	}
	if err := atomicfile.ReplaceDir(folder, c.Home.Copy(name)); err != nil {
		return err
	}
	return os.Rename(next, c.Home.Origin(name))
}

// finishCommit ends a Commit that was cut short: the next origin becomes the origin
// if the working copy is the one that it describes.
func (c Copies) finishCommit(name string) error {
	next, err := readOrigin(c.Home.NextOrigin(name))
	if err != nil || next.Archive == "" {
		return err
	}
	o, _, err := c.compare(name)
	if err != nil || o.Archive != next.Archive {
		return err
	}
	return os.Rename(c.Home.NextOrigin(name), c.Home.Origin(name))
}
