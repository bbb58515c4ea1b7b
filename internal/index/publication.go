package index

import "io"

// File is one file that a publish adds to a site: where it goes, what its bytes
// are, and how to get them. Nothing holds all of them in memory.
type File struct {
	Path string
	Ref
	Open func() (io.ReadCloser, error)
}

// Publication is what one build adds to a site, before it is written.
type Publication struct {
	Head      *Head       // not signed yet
	Lines     []Line      // the whole state that the head announces, ascending by name
	Documents []*Document // of the Kubes that this publish changes
	Files     []File      // new in this publish; the head is not among them
}
