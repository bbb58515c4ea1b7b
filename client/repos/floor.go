package repos

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/kpm-sh/kpm/internal/atomicfile"
	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/home"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/trust"
)

func floorPath(h home.Home, alias string) string {
	return filepath.Join(h.Repository(alias), "floors.json")
}

// readFloor gives the floor of a repository, nil when it has none.
func readFloor(h home.Home, alias string) (*trust.Floor, error) {
	data, err := os.ReadFile(floorPath(h, alias))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var f trust.Floor
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, errcode.With(errcode.DamagedFloors, errcode.Facts{"name": alias},
			fmt.Errorf("reading %s: %w; without it nothing tells an older index from the newest", floorPath(h, alias), err))
	}
	return &f, nil
}

func writeFloor(h home.Home, alias string, f *trust.Floor) error {
	data, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return atomicfile.Write(floorPath(h, alias), data, 0o600)
}

// knownRoot is the root of a repository; "" where none is known.
func knownRoot(h home.Home, alias string) index.Digest {
	floor, err := readFloor(h, alias)
	if err != nil || floor == nil {
		return ""
	}
	return floor.Root
}
