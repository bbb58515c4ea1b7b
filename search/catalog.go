package search

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/blevesearch/bleve/v2"
	bleveindex "github.com/blevesearch/bleve_index_api"

	"github.com/kpm-sh/kpm/internal/atomicfile"
	"github.com/kpm-sh/kpm/internal/index"
)

// Catalog is one generation, open for reading: what it answers does not change
// while it is open, whatever updates do. It is safe for concurrent use.
type Catalog struct {
	dir    string
	seal   seal
	state  []byte
	index  bleve.Index
	reader bleveindex.IndexReader
}

func openCatalog(dir string) (*Catalog, error) {
	s, err := readSeal(dir)
	if err != nil {
		return nil, err
	}
	return openSealed(dir, s)
}

// openSealed opens the generation in dir, whose seal is already known.
func openSealed(dir string, s seal) (c *Catalog, err error) {
	defer guard(&err, debug.SetPanicOnFault(true))
	state, err := atomicfile.Read(filepath.Join(dir, stateFile))
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, indexFolder)
	// Bleve would create a root.bolt that is missing, even read-only.
	if _, err := os.Stat(filepath.Join(path, "store", "root.bolt")); err != nil {
		return nil, err
	}
	ix, err := openIndex(path)
	if unlockable(err) {
		ix, err = openCopy(path)
	}
	if err != nil {
		return nil, err
	}
	c = &Catalog{dir: dir, seal: s, state: state, index: ix}
	if err := c.read(); err != nil {
		return nil, errors.Join(err, ix.Close())
	}
	return c, nil
}

// read takes the snapshot that all answers come from, and checks its size.
func (c *Catalog) read() error {
	advanced, err := c.index.Advanced()
	if err != nil {
		return err
	}
	if c.reader, err = advanced.Reader(); err != nil {
		return err
	}
	n, err := c.reader.DocCount()
	if err == nil && n != uint64(c.seal.Lines) {
		err = fmt.Errorf("it holds %d lines, sealed were %d", n, c.seal.Lines)
	}
	if err != nil {
		return errors.Join(err, c.reader.Close())
	}
	return nil
}

// Close ends the use of the catalog.
func (c *Catalog) Close() error {
	return errors.Join(c.reader.Close(), c.index.Close())
}

// State is what the caller gave with the lines.
func (c *Catalog) State() []byte {
	return c.state
}

// Len counts the Kubes that are not gone.
func (c *Catalog) Len() int {
	return c.seal.Kubes
}

// Get returns the line of a Kube, also of one that is gone, and whether there
// is one.
func (c *Catalog) Get(name string) (index.Line, bool, error) {
	raw, ok, err := c.raw(name)
	if err != nil || !ok {
		return index.Line{}, false, err
	}
	line, err := decodeLine(name, raw)
	return line, err == nil, err
}

// raw is the line of a Kube as it is stored.
func (c *Catalog) raw(name string) ([]byte, bool, error) {
	fields, err := c.fields(name)
	if err != nil || fields == nil {
		return nil, false, err
	}
	raw, ok := fields[lineField]
	if !ok {
		return nil, false, fmt.Errorf("%w: the document of %q has no line", ErrCorrupt, name)
	}
	return raw, true, nil
}

// fields are the stored fields of a Kube, nil when there is none.
func (c *Catalog) fields(name string) (fields map[string][]byte, err error) {
	defer guard(&err, debug.SetPanicOnFault(true))
	doc, err := c.reader.Document(name)
	if err != nil {
		return nil, corrupt(err)
	}
	if doc == nil {
		return nil, nil
	}
	fields = map[string][]byte{}
	doc.VisitFields(func(f bleveindex.Field) { fields[f.Name()] = f.Value() })
	return fields, nil
}

func decodeLine(name string, raw []byte) (index.Line, error) {
	line := index.Line{Raw: raw}
	if err := index.Decode(raw, &line.Record); err != nil {
		return index.Line{}, fmt.Errorf("%w: reading the line of %q: %w", ErrCorrupt, name, err)
	}
	if line.Name != name {
		return index.Line{}, fmt.Errorf("%w: the line of %q is that of %q", ErrCorrupt, name, line.Name)
	}
	return line, nil
}
