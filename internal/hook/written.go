package hook

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/kube"
)

// maxEntries bounds the files and folders of a copy together, dotfiles too.
const maxEntries = 4 * kube.MaxFiles

// Read reads a folder as if a hook of k had written what is in it: with the same bounds, and
// without what k has itself.
func Read(dir string, k *kube.Kube) ([]kube.File, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }() //nolint:errcheck // only read
	return written(root, k)
}

// written reads what the hook wrote or changed in the copy of k. No process of
// the hook may be alive any more.
func written(root *os.Root, k *kube.Kube) ([]kube.File, error) {
	c := &collection{root: root, kube: k}
	if err := fs.WalkDir(root.FS(), ".", c.visit); err != nil {
		return nil, fmt.Errorf("reading what it wrote: %w", err)
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("reading what it wrote: %w", err)
	}
	return c.files, nil
}

// collection is a copy while it is read.
type collection struct {
	root    *os.Root
	kube    *kube.Kube
	files   []kube.File // written or changed, in the order of the walk
	entries int
	total   int64
}

func (c *collection) visit(p string, e fs.DirEntry, err error) error {
	if c.entries++; c.entries > maxEntries {
		return fmt.Errorf("%q is one more than %d files and folders", p, maxEntries)
	}
	hidden := p != "." && strings.HasPrefix(e.Name(), ".")
	switch {
	case hidden && e.IsDir():
		return fs.SkipDir
	case hidden:
		return nil
	case err != nil:
		return err
	case len(p) > kube.MaxPath:
		return fmt.Errorf("%q… has a path of more than %d bytes", p[:64], kube.MaxPath)
	case e.IsDir() && p == ValuesPath:
		return fmt.Errorf("%q is a folder, and the values are a file", p)
	case e.IsDir():
		return nil
	}
	return c.file(p, e)
}

// misnamed reports whether a file has a name that means the values, and nobody reads.
func misnamed(p string) bool {
	name := strings.ReplaceAll(strings.ToLower(p), "_", "-")
	for _, end := range []string{".yaml", ".yml", ".json", ""} {
		if name == "hook-values"+end {
			return p != ValuesPath
		}
	}
	return false
}

func (c *collection) file(p string, e fs.DirEntry) error {
	info, err := e.Info()
	if err != nil {
		return err
	}
	if kind := oddity(info); kind != "" {
		return fmt.Errorf("%q is %s; a hook leaves files only", p, kind)
	}
	if c.total += info.Size(); c.total > kube.MaxTotal {
		return fmt.Errorf("%q makes it more than %d bytes", p, kube.MaxTotal)
	}
	f := kube.File{Path: p, Exec: info.Mode()&0o100 != 0}
	if f.Data, err = c.read(p, info); err != nil {
		return err
	}
	if c.isOld(f) {
		return nil
	}
	if misnamed(p) {
		return fmt.Errorf("%q is read by nobody: values are written to %s", p, ValuesPath)
	}
	c.files = append(c.files, f)
	return nil
}

// read reads the file that info describes. It cannot wait for a writer: another
// kind of file under the same name is refused once it is open.
func (c *collection) read(p string, info fs.FileInfo) ([]byte, error) {
	f, err := c.root.OpenFile(p, openFlags, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() //nolint:errcheck // only read
	now, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !now.Mode().IsRegular() || !os.SameFile(now, info) {
		return nil, fmt.Errorf("%q changed while it was read", p)
	}
	data, err := io.ReadAll(io.LimitReader(f, info.Size()))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) != info.Size() {
		return nil, fmt.Errorf("%q shrank while it was read", p)
	}
	return data, nil
}

// isOld reports whether f is as the Kube has it. Windows knows no execute bit.
func (c *collection) isOld(f kube.File) bool {
	i, ok := slices.BinarySearchFunc(c.kube.Files, f.Path, func(old kube.File, p string) int {
		return strings.Compare(old.Path, p)
	})
	if !ok {
		return false
	}
	old := c.kube.Files[i]
	return bytes.Equal(old.Data, f.Data) && (old.Exec == f.Exec || runtime.GOOS == "windows")
}

// check holds the Kube as the hook leaves it against the rules of its format,
// and puts the files in order.
func (c *collection) check() error {
	slices.SortFunc(c.files, func(a, b kube.File) int { return strings.Compare(a.Path, b.Path) })
	after := map[string]kube.File{}
	for _, f := range slices.Concat(c.kube.Files, c.files) {
		after[f.Path] = f
	}
	whole := &kube.Kube{Meta: c.kube.Meta}
	for _, f := range after {
		whole.Files = append(whole.Files, f)
	}
	for _, f := range c.files {
		if f.Path == kube.MetaPath {
			return fmt.Errorf("%q is not a hook's to change", f.Path)
		}
	}
	return whole.Tar(io.Discard)
}

// oddity says what a file is that is not simply a file; "" if it is.
func oddity(info fs.FileInfo) string {
	switch m := info.Mode(); {
	case m&fs.ModeSymlink != 0:
		return "a symbolic link"
	case m&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case m&fs.ModeSocket != 0:
		return "a socket"
	case m&fs.ModeDevice != 0:
		return "a device"
	case !m.IsRegular():
		return "no regular file"
	case links(info) > 1:
		return "a hard link"
	}
	return ""
}
