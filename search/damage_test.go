package search_test

import (
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/kpm-sh/kpm/search"
)

// TestDamage breaks one thing in a store of two generations. Each fault must be
// seen when the catalog is opened, stop an update, and be mended by Replace.
func TestDamage(t *testing.T) {
	t.Parallel()
	lines := generated(t, 30)
	sound := search.Store{Dir: t.TempDir()}
	replace(t, sound, "1", lines...)
	replace(t, sound, "2", lines...)
	write := func(name, text string) func(dir string) error {
		return func(dir string) error { return os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600) }
	}
	for name, breakIt := range map[string]func(dir string) error{
		"empty pointer":      write("CURRENT", ""),
		"garbage pointer":    write("CURRENT", "\x00\xffgen-2"),
		"cut pointer":        write("CURRENT", "gen-2"),
		"signed pointer":     write("CURRENT", "gen-+2\n"),
		"pointer to outside": write("CURRENT", "gen-2/../gen-1\n"),
		"pointer to nothing": write("CURRENT", "gen-99\n"),
		"no generation":      remove("gen-2"),
		"no seal":            remove("gen-2/seal.json"),
		"garbage seal":       write("gen-2/seal.json", "{"),
		"seal of no files":   write("gen-2/seal.json", `{"mapping":1,"lines":1}`),
		"no state":           remove("gen-2/state.json"),
		"no meta":            remove("gen-2/index/index_meta.json"),
		"no root.bolt":       remove("gen-2/index/store/root.bolt"),
		"cut root.bolt":      damage("gen-2/index/store/root.bolt", cut),
		"garbage root.bolt":  damage("gen-2/index/store/root.bolt", garble),
		"no segment":         remove("gen-2/index/store/*.zap"),
		"cut segment":        damage("gen-2/index/store/*.zap", cut),
		"empty segment":      damage("gen-2/index/store/*.zap", func([]byte) []byte { return nil }),
		"longer segment":     damage("gen-2/index/store/*.zap", func(b []byte) []byte { return append(b, 0) }),
		"garbage segment":    damage("gen-2/index/store/*.zap", garble),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := copyOf(t, sound)
			if err := breakIt(s.Dir); err != nil {
				t.Fatal(err)
			}
			if cat, err := s.Open(); !errors.Is(err, search.ErrCorrupt) {
				t.Errorf("Open = %v, %v, want %v", cat, err, search.ErrCorrupt)
			}
			err := update(t, s, func(w *search.Writer) error {
				return w.Apply(context.Background(), lines[:1], []byte("3"))
			})
			if !errors.Is(err, search.ErrCorrupt) {
				t.Errorf("Apply: %v, want %v", err, search.ErrCorrupt)
			}
			replace(t, s, "3", lines...)
			if cat := open(t, s); string(cat.State()) != "3" || cat.Len() != len(lines) {
				t.Errorf("after Replace: %d Kubes, state %s", cat.Len(), cat.State())
			}
			checkTidy(t, s)
		})
	}
}

// TestFlippedBytes alters bytes without changing a size, which only reading
// can find out. Answers may be wrong then, but nothing crashes.
func TestFlippedBytes(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 3))
	s := search.Store{Dir: t.TempDir()}
	replace(t, s, "", generated(t, 30)...)
	paths, err := filepath.Glob(filepath.Join(s.Dir, "gen-1", "index", "store", "*"))
	if err != nil || len(paths) != 2 {
		t.Fatalf("files of the index: %v, %v", paths, err)
	}
	seen := 0
	for _, path := range paths {
		sound, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for range 60 {
			bad := append([]byte(nil), sound...)
			for range 1 + r.IntN(4) {
				bad[r.IntN(len(bad))] ^= byte(1 + r.IntN(255))
			}
			if err := os.WriteFile(path, bad, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := readAll(s); err != nil {
				seen++
				if !errors.Is(err, search.ErrCorrupt) {
					t.Errorf("%s: %v, want %v", path, err, search.ErrCorrupt)
				}
			}
		}
		if err := os.WriteFile(path, sound, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d of 120 alterations were noticed", seen)
	if err := readAll(s); err != nil || seen == 0 {
		t.Errorf("reading the sound catalog: %v", err)
	}
}

// readAll asks a store all that it answers.
func readAll(s search.Store) error {
	cat, err := s.Open()
	if err != nil {
		return err
	}
	defer cat.Close() //nolint:errcheck // open for reading only
	for _, err := range cat.Lines() {
		if err != nil {
			return err
		}
	}
	for _, pattern := range []string{"", word(3), word(4) + "*", word(200) + "x", "kind:service"} {
		if _, err := cat.Search(context.Background(), pattern, 10); err != nil {
			return err
		}
	}
	_, err = cat.Names(context.Background(), "", 0)
	return err
}

// TestNoAccess guards that a refusal of the system is not taken for damage,
// which would throw the catalog away.
func TestNoAccess(t *testing.T) {
	t.Parallel()
	s := search.Store{Dir: t.TempDir()}
	replace(t, s, "", kube(t, "redis", 1, "a store"))
	for _, name := range []string{"CURRENT", "gen-1/seal.json"} {
		path := filepath.Join(s.Dir, name)
		if err := os.Chmod(path, 0); err != nil {
			t.Fatal(err)
		}
		if _, err := os.ReadFile(path); err == nil {
			t.Skip("this user may read everything")
		}
		_, err := s.Open()
		if !errors.Is(err, fs.ErrPermission) || errors.Is(err, search.ErrCorrupt) {
			t.Errorf("%s: Open: %v, want %v", name, err, fs.ErrPermission)
		}
		if err := os.Chmod(path, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// remove deletes what a pattern below the store names.
func remove(pattern string) func(dir string) error {
	return func(dir string) error {
		path, err := one(dir, pattern)
		return errors.Join(err, os.RemoveAll(path))
	}
}

// damage replaces the content of a file.
func damage(pattern string, change func([]byte) []byte) func(dir string) error {
	return func(dir string) error {
		path, err := one(dir, pattern)
		if err != nil {
			return err
		}
		b, err := os.ReadFile(path)
		return errors.Join(err, os.WriteFile(path, change(b), 0o600))
	}
}

func one(dir, pattern string) (string, error) {
	paths, err := filepath.Glob(filepath.Join(dir, filepath.FromSlash(pattern)))
	if err == nil && len(paths) != 1 {
		err = errors.New("not one file: " + pattern)
	}
	if err != nil {
		return "", err
	}
	return paths[0], nil
}

func cut(b []byte) []byte { return b[:len(b)/2] }

func garble(b []byte) []byte {
	r := rand.New(rand.NewPCG(9, 9))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}
