package repos

import (
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/kpm-sh/kpm/internal/index"
)

// state is what a catalog keeps beside its lines.
type state struct {
	Head   jsontext.Value `json:"head"`   // the envelope, as it was received
	ETag   string         `json:"etag"`   // of Head at Source
	Source string         `json:"source"` // where Head came from
	Seq    int64          `json:"seq"`    // the publish that the lines are of
	Kubes  int64          `json:"kubes"`
	Sum    index.Digest   `json:"sum"`
}

func readState(data []byte) (state, error) {
	var s state
	if err := json.Unmarshal(data, &s); err != nil {
		return state{}, fmt.Errorf("reading the state of a catalog: %w", err)
	}
	return s, nil
}

func (s state) encode() ([]byte, error) {
	return json.Marshal(s)
}
