package kube

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Unpack reads the archive of a release and refuses, by the name of the entry,
// whatever the package comment does not allow. It says nothing about who made
// the archive: the caller has verified that. An empty name or version is not
// compared; then the archive may be of any Kube whose K3.yaml agrees with the
// archive's folder.
//
// It holds the files and little more in memory, whatever the archive claims.
func Unpack(r io.Reader, name, version string) (*Kube, error) {
	packed := bufio.NewReader(io.LimitReader(r, MaxArchive+1))
	z, err := gzip.NewReader(packed)
	if err != nil {
		return nil, fmt.Errorf("reading gzip: %w", err)
	}
	z.Multistream(false)
	u := &unpacking{raw: &counter{r: z}, budget: budget{seen: paths{}}}
	if err := u.entries(); err != nil {
		return nil, err
	}
	if err := u.end(packed); err != nil {
		return nil, err
	}
	return u.kube(name, version)
}

// unpacking is an archive while it is read.
type unpacking struct {
	raw    *counter
	dataTo int64 // bytes of the tar up to where the last entry ends, unpadded
	folder string
	budget budget
	files  []File
}

func (u *unpacking) entries() error {
	t := tar.NewReader(u.raw)
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading tar after %s: %w", u.last(), err)
		}
		if err := u.entry(h, t); err != nil {
			return fmt.Errorf("entry %q %w", h.Name, err)
		}
		u.dataTo = u.raw.n
	}
}

func (u *unpacking) entry(h *tar.Header, r io.Reader) error {
	if err := checkHeader(h); err != nil {
		return err
	}
	if err := checkSpelling(h.Name); err != nil {
		return err
	}
	folder, p, _ := strings.Cut(h.Name, "/")
	if u.folder == "" {
		u.folder = folder
	}
	if folder != u.folder || p == "" {
		return fmt.Errorf("is not below %s/", u.folder)
	}
	if err := u.budget.count(p, h.Size); err != nil {
		return err
	}
	data := make([]byte, h.Size)
	if _, err := io.ReadFull(r, data); err != nil {
		return fmt.Errorf("breaks off: %w", err)
	}
	u.files = append(u.files, File{Path: p, Data: data, Exec: h.Mode&0o100 != 0})
	return nil
}

// checkHeader refuses what Tar does not write.
func checkHeader(h *tar.Header) error {
	if kind, ok := kinds[h.Typeflag]; ok {
		return fmt.Errorf("is %s; a Kube holds files only", kind)
	}
	if h.Typeflag != tar.TypeReg {
		return fmt.Errorf("is of the type %q; a Kube holds files only", h.Typeflag)
	}
	if h.Format != tar.FormatUSTAR && h.Format != tar.FormatPAX {
		return fmt.Errorf("is in the tar format %s, neither ustar nor PAX", h.Format)
	}
	for _, key := range slices.Sorted(maps.Keys(h.PAXRecords)) {
		if key != "path" {
			return fmt.Errorf("has the PAX record %q; only path is allowed", key)
		}
	}
	return nil
}

var kinds = map[byte]string{
	tar.TypeLink:          "a hard link",
	tar.TypeSymlink:       "a symbolic link",
	tar.TypeChar:          "a device",
	tar.TypeBlock:         "a device",
	tar.TypeFifo:          "a named pipe",
	tar.TypeDir:           "a folder",
	tar.TypeGNUSparse:     "a sparse file",
	tar.TypeXGlobalHeader: "a header for all entries",
}

func (u *unpacking) last() string {
	if len(u.files) == 0 {
		return "its beginning"
	}
	return fmt.Sprintf("%q", u.files[len(u.files)-1].Path)
}

// end makes sure that two zero blocks end the tar, the tar ends the gzip
// member, and the member ends the archive.
func (u *unpacking) end(packed *bufio.Reader) error {
	const block = 512
	if want := (u.dataTo+block-1)/block*block + 2*block; u.raw.n != want {
		return fmt.Errorf("tar breaks off after %s: %w", u.last(), io.ErrUnexpectedEOF)
	}
	if n, err := io.ReadFull(u.raw, make([]byte, 1)); n > 0 {
		return errors.New("bytes after the end of the tar")
	} else if !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading the end of the archive: %w", err)
	}
	if _, err := packed.ReadByte(); err == nil {
		return errors.New("bytes after the gzip member")
	} else if !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading the end of the archive: %w", err)
	}
	return nil
}

// kube puts the files together and compares them with what was asked for.
func (u *unpacking) kube(name, version string) (*Kube, error) {
	k := &Kube{Files: u.files}
	sortFiles(k.Files)
	data, ok := k.File(MetaPath)
	if !ok {
		return nil, errors.New("K3.yaml is missing")
	}
	var err error
	if k.Meta, err = ReadMeta(data); err != nil {
		return nil, err
	}
	if name != "" && k.Name != name || version != "" && k.Version.String() != version {
		return nil, fmt.Errorf("K3.yaml is that of %s %s, not of %s %s", k.Name, k.Version, name, version)
	}
	if u.folder != k.Folder() {
		return nil, fmt.Errorf("folder %q is not that of %s", u.folder, k.Folder())
	}
	return k, nil
}

// counter counts what is read, and stops a tar that never ends.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	if c.n >= maxRaw {
		return 0, fmt.Errorf("more than %d bytes", maxRaw)
	}
	n, err := c.r.Read(p[:min(int64(len(p)), maxRaw-c.n)])
	c.n += int64(n)
	return n, err
}
