package kube

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
)

// writers compress by gzip's default level, which gives most for its time: on a large
// Kube the best compression takes three times as long for 6 % less. They are kept, as
// making one costs more than what it compresses of a small Kube.
var writers = sync.Pool{New: func() any { return gzip.NewWriter(io.Discard) }}

// Pack writes the archive of k. The same Kube gives the same bytes, as long as
// the same Go compresses them; Tar's bytes do not depend on that.
func (k *Kube) Pack(w io.Writer) error {
	z := writers.Get().(*gzip.Writer)
	defer writers.Put(z)
	z.Reset(w)
	if err := k.Tar(z); err != nil {
		return err
	}
	return z.Close()
}

// Tar writes what Pack compresses. It refuses a Kube that Unpack would refuse,
// and one without a manifest.
func (k *Kube) Tar(w io.Writer) error {
	files := slices.Clone(k.Files)
	sortFiles(files)
	if err := k.check(files); err != nil {
		return err
	}
	return k.write(w, files)
}

// TarSum is the SHA-256 of what Tar writes. It takes k on trust, as ReadDir and
// Unpack give it: its files in order, and nothing that Tar would refuse.
func (k *Kube) TarSum() ([sha256.Size]byte, error) {
	h := sha256.New()
	err := k.write(h, k.Files)
	return [sha256.Size]byte(h.Sum(nil)), err
}

func (k *Kube) write(w io.Writer, files []File) error {
	tw := tar.NewWriter(w)
	for _, f := range files {
		h := &tar.Header{
			Typeflag: tar.TypeReg,
			Name:     k.Folder() + "/" + f.Path,
			Size:     int64(len(f.Data)),
			Mode:     0o644,
		}
		if f.Exec {
			h.Mode = 0o755
		}
		if err := tw.WriteHeader(h); err != nil {
			return fmt.Errorf("packing %s: %w", f.Path, err)
		}
		if _, err := tw.Write(f.Data); err != nil {
			return fmt.Errorf("packing %s: %w", f.Path, err)
		}
	}
	return tw.Close()
}

// Folder is the one folder in the archive, NAME-VERSION.
func (k *Kube) Folder() string {
	return k.Name + "-" + k.Version.String()
}

// check holds files, in order, against what Unpack refuses.
func (k *Kube) check(files []File) error {
	if err := ValidName(k.Name); err != nil {
		return err
	}
	if k.Version == nil {
		return errors.New("version is missing")
	}
	b := budget{seen: paths{}}
	manifests := 0
	for _, f := range files {
		if err := b.count(f.Path, int64(len(f.Data))); err != nil {
			return fmt.Errorf("file %q %w", f.Path, err)
		}
		if isManifest(f.Path) {
			manifests++
		}
	}
	if manifests == 0 {
		return errors.New("there is no manifest and no template")
	}
	return k.agree(files)
}

// agree compares k with the K3.yaml among files.
func (k *Kube) agree(files []File) error {
	data, ok := (&Kube{Files: files}).File(MetaPath)
	if !ok {
		return errors.New("K3.yaml is missing")
	}
	m, err := ReadMeta(data)
	if err != nil {
		return err
	}
	if m.Name != k.Name || m.Version.String() != k.Version.String() {
		return fmt.Errorf("K3.yaml is that of %s %s, not of %s %s", m.Name, m.Version, k.Name, k.Version)
	}
	return nil
}
