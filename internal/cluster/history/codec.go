package history

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"

	"github.com/kpm-sh/kpm/internal/cluster/api"
)

const (
	maxRecord = 16 << 20  // of a record's JSON
	maxPart   = 1_000_000 // of one Secret; the API server takes 1 MiB in all
	maxParts  = 32
	maxItems  = 50_000 // of what is read of records together: objects, manifests, and all else by tokens of JSON
)

// encode is the record as it is stored.
func (r Record) encode() ([]byte, error) {
	end, err := r.pack()
	if err != nil {
		return nil, err
	}
	return r.encodeWith(end)
}

// packed is the end of a record's JSON, its manifests, as a gzip member of its own.
// They are most of a record, and do not change while its lock writes it again
// and again.
type packed struct {
	member []byte
	size   int // of the text
}

func (r Record) pack() (packed, error) {
	if len(r.Manifests) == 0 {
		return packed{}, nil
	}
	text, err := json.Marshal(r.Manifests, json.Deterministic(true))
	if err != nil {
		return packed{}, fmt.Errorf("writing the record: %w", err)
	}
	text = append(append([]byte(`,"manifests":`), text...), '}')
	member, err := compress(text)
	return packed{member, len(text)}, err
}

// encodeWith is encode with the manifests packed already.
func (r Record) encodeWith(end packed) ([]byte, error) {
	r.Schema, r.Manifests = Schema, nil
	if r.Inventory == nil {
		r.Inventory = []api.Item{}
	}
	if len(r.Inventory) > maxItems {
		return nil, fmt.Errorf("writing the record: it has %d objects, more than %d", len(r.Inventory), maxItems)
	}
	text, err := json.Marshal(r, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("writing the record: %w", err)
	}
	if end.size > 0 {
		text = text[:len(text)-1] // the brace comes last
	}
	if size := len(text) + end.size; size > maxRecord {
		return nil, fmt.Errorf("writing the record: it has %d MiB, more than %d", size>>20, maxRecord>>20)
	}
	member, err := compress(text)
	return append(member, end.member...), err
}

func compress(text []byte) ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write(text)
	if err = errors.Join(err, z.Close()); err != nil {
		return nil, fmt.Errorf("writing the record: %w", err)
	}
	return b.Bytes(), nil
}

// split cuts a stored record into what fits a Secret each, at least one part.
func split(data []byte) ([][]byte, error) {
	var parts [][]byte
	for len(data) > maxPart {
		parts = append(parts, data[:maxPart])
		data = data[maxPart:]
	}
	parts = append(parts, data)
	if len(parts) > maxParts {
		return nil, fmt.Errorf("writing the record: it needs %d Secrets, more than %d", len(parts), maxParts)
	}
	return parts, nil
}

func digestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
