package search

import (
	"encoding/binary"
	"math"

	blevesearch "github.com/blevesearch/bleve/v2/search"
)

// byRank orders hits by falling score, then by name. It compares scores as
// float32: Bleve adds the parts of a score in an order that hangs on where the
// documents lie, so that the last bits differ between equal catalogs.
type byRank struct{}

// Value is the score, turned so that the higher one is the lower string, and
// the name.
func (byRank) Value(hit *blevesearch.DocumentMatch) string {
	key := make([]byte, 0, 4+len(hit.ID))
	key = binary.BigEndian.AppendUint32(key, ^math.Float32bits(float32(hit.Score)))
	return string(append(key, hit.ID...))
}

func (byRank) DecodeValue(value string) string { return value }
func (byRank) UpdateVisitor(string, []byte)    {}
func (byRank) Descending() bool                { return false }
func (byRank) RequiresDocID() bool             { return true }
func (byRank) RequiresScoring() bool           { return false } // that is, to compare raw scores
func (byRank) RequiresFields() []string        { return nil }
func (byRank) Reverse()                        {}
func (s byRank) Copy() blevesearch.SearchSort  { return s }
