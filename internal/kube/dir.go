package kube

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// ReadDir reads the folder of a Kube and reports every fault at once. The Kube
// is whole when Problems has no error. fsys must not follow symbolic links when
// it lists a folder; those of os do not. name is what the folder is called, ""
// when K3.yaml may say any name.
//
// On Windows no file has an execute bit, so a Kube with an executable file is
// not the same there.
func ReadDir(fsys fs.FS, name string) (*Kube, Problems) {
	d := &dir{fsys: fsys, seen: paths{}}
	err := fs.WalkDir(fsys, ".", d.visit)
	if err != nil && !errors.Is(err, errTooMuch) {
		d.errorf("", "%s", err)
	}
	k := &Kube{Files: d.files}
	sortFiles(k.Files)
	d.readMeta(k, name)
	if err == nil {
		d.missing(k)
	}
	d.problems.Sort()
	return k, d.problems
}

// dir is a folder while it is read.
type dir struct {
	fsys      fs.FS
	seen      paths
	files     []File
	total     int64
	manifests int // files below manifests/, whatever is wrong with them
	problems  Problems
}

// errTooMuch ends the walk: what follows is not looked at.
var errTooMuch = errors.New("more than a Kube may hold")

func (d *dir) errorf(p, format string, args ...any) {
	d.problems = append(d.problems, Problem{Path: p, Message: fmt.Sprintf(format, args...)})
}

func (d *dir) visit(p string, e fs.DirEntry, err error) error {
	switch {
	case p == ".":
		return err
	case err != nil:
		d.errorf(p, "%s", err)
		return nil
	case isHidden(p) && e.IsDir():
		return fs.SkipDir
	case isHidden(p):
		return nil
	case p == ReleasesPath && e.Type().IsRegular():
		d.readReleases()
		return nil
	case e.IsDir() && path.Dir(p) == manifestsDir:
		d.errorf(p, "is a folder, and manifests is flat: move its files up")
		return fs.SkipDir
	case e.IsDir():
		return nil
	}
	return d.file(p, e.Type())
}

// file takes one file in, or says why not.
func (d *dir) file(p string, kind fs.FileMode) error {
	if path.Dir(p) == manifestsDir {
		d.manifests++
	}
	if !kind.IsRegular() {
		d.errorf(p, "is %s; a Kube holds files only", describeMode(kind))
		return nil
	}
	if err := checkPath(p); err != nil {
		d.errorf(p, "%s", err)
		return nil
	}
	if err := d.seen.add(p); err != nil {
		d.errorf(p, "%s", err)
		return nil
	}
	if path.Dir(p) == manifestsDir && !isManifest(p) {
		d.errorf(p, "%s", renaming(path.Base(p)))
		return nil
	}
	return d.read(p)
}

func (d *dir) read(p string) error {
	f, info, err := d.open(p)
	if err != nil {
		d.errorf(p, "%s", err)
		return nil
	}
	defer func() { _ = f.Close() }() //nolint:errcheck // only read
	if d.total += info.Size(); d.total > MaxTotal {
		d.errorf("", "more than %d bytes; %s is where it is too much", MaxTotal, p)
		return errTooMuch
	}
	if len(d.files) == MaxFiles {
		d.errorf("", "more than %d files", MaxFiles)
		return errTooMuch
	}
	data, err := readFile(f, info.Size())
	if err != nil {
		d.errorf(p, "%s", err)
		return nil
	}
	d.files = append(d.files, File{Path: p, Data: data, Exec: info.Mode()&0o100 != 0})
	return nil
}

// open opens the file at p, which was listed as a regular one, if it is not too large.
func (d *dir) open(p string) (fs.File, fs.FileInfo, error) {
	f, err := d.fsys.Open(p)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	switch limit := maxSize(p); {
	case err != nil:
	case !info.Mode().IsRegular():
		err = errors.New("became another file while the folder was read")
	case info.Size() > limit:
		err = fmt.Errorf("is %d bytes, more than %d", info.Size(), limit)
	default:
		return f, info, nil
	}
	return nil, nil, errors.Join(err, f.Close())
}

// readFile reads the size bytes that an open file has.
func readFile(f fs.File, size int64) ([]byte, error) {
	data := make([]byte, size)
	if _, err := io.ReadFull(f, data); err != nil {
		return nil, fmt.Errorf("reading: %w", err)
	}
	if n, _ := io.ReadFull(f, make([]byte, 1)); n > 0 { //nolint:errcheck // the end of the file is what is wanted
		return nil, errors.New("grew while it was read")
	}
	return data, nil
}

// maxSize is how large the file at p may be.
func maxSize(p string) int64 {
	switch {
	case p == MetaPath || p == ReleasesPath:
		return MaxMeta
	case path.Dir(p) == manifestsDir:
		return MaxManifest
	}
	return MaxTotal
}

func (d *dir) readMeta(k *Kube, name string) {
	data, ok := k.File(MetaPath)
	if !ok {
		return
	}
	m, s := parseMeta(data, true)
	if m.Name != "" && name != "" && m.Name != name {
		s.errorf(s.lines["name"], "name is %q, the folder is called %q", m.Name, name)
	}
	k.Meta = m
	d.problems = append(d.problems, s.problems...)
}

// missing reports what a Kube cannot do without.
func (d *dir) missing(k *Kube) {
	if d.manifests == 0 {
		d.errorf(manifestsDir, "no manifest and no template")
	}
	if _, ok := k.File(MetaPath); ok || d.mentions(MetaPath) {
		return
	}
	for _, f := range k.Files {
		switch strings.ToLower(f.Path) {
		case "k3.yaml", "k3.yml":
			d.errorf(MetaPath, "is missing: rename %s to it", f.Path)
			return
		}
	}
	d.errorf(MetaPath, "is missing")
}

func (d *dir) mentions(p string) bool {
	return slices.ContainsFunc(d.problems, func(problem Problem) bool { return problem.Path == p })
}

// readReleases judges releases.yaml, which is not part of the Kube.
func (d *dir) readReleases() {
	f, info, err := d.open(ReleasesPath)
	if err != nil {
		d.errorf(ReleasesPath, "%s", err)
		return
	}
	defer func() { _ = f.Close() }() //nolint:errcheck // only read
	data, err := readFile(f, info.Size())
	if err != nil {
		d.errorf(ReleasesPath, "%s", err)
		return
	}
	_, problems := ReadReleases(data)
	d.problems = append(d.problems, problems...)
}

func describeMode(m fs.FileMode) string {
	switch {
	case m&fs.ModeSymlink != 0:
		return "a symbolic link"
	case m&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case m&fs.ModeSocket != 0:
		return "a socket"
	case m&fs.ModeDevice != 0:
		return "a device"
	}
	return "no regular file"
}
