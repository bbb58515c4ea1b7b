package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/atomicfile"
	"github.com/kpm-sh/kpm/internal/kube"
)

// Checkout is a verified Kube that is about to become a working copy.
type Checkout struct {
	Release  Release
	Kube     *kube.Kube
	Dir      string
	Edited   []string  // files of the present copy that would be lost
	Question *Question // what has to be agreed to first; nil if nothing

	by voucher
}

// Question is something that only the user can decide.
type Question struct {
	Facts []string // what the decision is about, a line each
	Ask   string   // the question itself
}

// Checkout fetches and verifies a release, and looks at what is in the place of
// its working copy. Nothing is changed there yet.
func (c *Client) Checkout(ctx context.Context, r Release) (*Checkout, error) {
	c.caution(r)
	k, by, err := c.open(ctx, r)
	if err != nil {
		return nil, err
	}
	co := &Checkout{Release: r, Kube: k, Dir: c.Home.Copy(r.Name), by: by}
	if co.Edited, err = c.Edits(r.Name); err != nil {
		return nil, err
	}
	if len(co.Edited) > 0 {
		co.Question = &Question{
			Facts: []string{
				fmt.Sprintf("%s was edited: %s", co.Dir, summary(co.Edited)),
				fmt.Sprintf("get --merge %s would keep these edits", r.Name),
			},
			Ask: "Replace your copy and lose these edits?",
		}
	}
	return co, nil
}

// summary names the first of some files.
func summary(files []string) string {
	const most = 5
	if len(files) <= most {
		return strings.Join(files, " ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(files[:most], " "), len(files)-most)
}

// Commit makes the working copy. Whoever calls it has the user's answer to the
// Question; edits that were made after it was asked are kept, with an error.
func (c *Client) Commit(ctx context.Context, co *Checkout) error {
	if err := c.Home.Make(c.Home.Copies()); err != nil {
		return err
	}
	unlock, err := c.Home.Lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	edited, err := c.Edits(co.Release.Name)
	if err != nil {
		return err
	}
	if !slices.Equal(edited, co.Edited) {
		return fmt.Errorf("replacing %s: it was edited just now: %s", co.Dir, summary(edited))
	}
	if err := c.settle(co.Release.Name); err != nil {
		return err
	}
	tmp, err := atomicfile.TempDir(c.Home.Dir)
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp) //nolint:errcheck // it is gone when all went well
	if err := unpack(co.Kube, tmp); err != nil {
		return err
	}
	return c.replaceCopy(co.Release.Name, tmp, originOf(co.Release, co.by, co.Kube))
}

// replaceCopy puts a folder in the place of a working copy, in one step. Its origin
// is written as the next one before that: whoever finds it there after a kill can
// tell whether the copy is in place.
func (c *Client) replaceCopy(name, folder string, o Origin) error {
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

// settle ends a Commit that was cut short: the next origin becomes the origin
// if the working copy is the one that it describes.
func (c *Client) settle(name string) error {
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

// unpack writes the files of a Kube below dir. Their paths were checked when
// the Kube was read; os.Root holds them below dir all the same.
func unpack(k *kube.Kube, dir string) error {
	root, err := openCopy(dir)
	if err != nil {
		return err
	}
	defer root.Close() //nolint:errcheck // read only
	for _, f := range k.Files {
		if err := writeFile(root, f); err != nil {
			return fmt.Errorf("unpacking %s: %w", f.Path, err)
		}
	}
	return nil
}

// openCopy opens a folder that becomes a copy for its user to see.
func openCopy(dir string) (*os.Root, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	if err := root.Chmod(".", 0o755); err != nil {
		_ = root.Close() //nolint:errcheck // the first error says what is wrong
		return nil, err
	}
	return root, nil
}

func writeFile(root *os.Root, f kube.File) error {
	path := filepath.FromSlash(f.Path)
	if err := root.MkdirAll(filepath.Dir(path), 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	mode := fs.FileMode(0o644)
	if f.Exec {
		mode = 0o755
	}
	return root.WriteFile(path, f.Data, mode)
}
