package index

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth is how deep arrays and objects may nest.
const maxDepth = 32

// maxNumber is the largest integer that every JSON reader keeps exactly.
const maxNumber = 1 << 53

// DecodeStrict reads a signed payload into v. Beside what Decode refuses it
// refuses keys that v does not know, except below `extensions`: a new meaning
// needs a new schema word.
func DecodeStrict(data []byte, v any) error {
	return decode(data, v, json.RejectUnknownMembers(true))
}

// Decode reads a record or a document into v. It ignores keys that v does not
// know, and refuses what two readers could understand differently: duplicate
// keys, keys of the format in another case, invalid UTF-8, anything after the
// value, more than 32 levels, and numbers that are not integers in 0…2⁵³.
func Decode(data []byte, v any) error {
	return decode(data, v)
}

func decode(data []byte, v any, opts ...json.Options) error {
	if err := scan(data); err != nil {
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if err := json.Unmarshal(data, v, opts...); err != nil {
		return fmt.Errorf("%w: %w", ErrFormat, plain(err))
	}
	return nil
}

// plain says where a value is not of the format, without naming Go types.
func plain(err error) error {
	var wrong *json.SemanticError
	switch {
	case !errors.As(err, &wrong):
		return err
	case wrong.Err != nil:
		return fmt.Errorf("at %q: %w", wrong.JSONPointer, wrong.Err)
	}
	return fmt.Errorf("at %q: a JSON %s does not belong here", wrong.JSONPointer, wrong.JSONKind)
}

// encode writes v as JSON; the same value gives the same bytes.
func encode(v any) ([]byte, error) {
	return json.Marshal(v, json.Deterministic(true))
}

// scan walks the tokens of data; jsontext itself refuses duplicate keys,
// invalid UTF-8 and lone surrogates.
func scan(data []byte) error {
	dec := jsontext.NewDecoder(bytes.NewReader(data))
	for {
		tok, err := dec.ReadToken()
		if errors.Is(err, io.EOF) {
			return io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		depth := dec.StackDepth()
		if depth > maxDepth {
			return fmt.Errorf("more than %d levels at byte %d", maxDepth, dec.InputOffset())
		}
		switch tok.Kind() {
		case '0':
			if !isNatural(tok.String()) {
				return fmt.Errorf("number %s at byte %d is not an integer in 0…2⁵³", tok, dec.InputOffset())
			}
		case '"':
			if kind, n := dec.StackIndex(depth); kind == '{' && n%2 == 1 {
				if err := checkKey(tok.String()); err != nil {
					return err
				}
			}
		}
		if depth == 0 {
			break
		}
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("data after the value at byte %d", dec.InputOffset())
	}
	return nil
}

func isNatural(s string) bool {
	if s == "" || len(s) > 16 || (s[0] == '0' && len(s) > 1) {
		return false
	}
	n := int64(0)
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
		n = n*10 + int64(c-'0')
	}
	return n <= maxNumber
}

// checkKey refuses a key that differs from a key of the format only by case,
// as encoding/json and jq would read it differently.
func checkKey(key string) error {
	if known[key] {
		return nil
	}
	if fold := strings.ToLower(strings.ReplaceAll(key, "ſ", "s")); fold != key && knownFold[fold] {
		return fmt.Errorf("key %q is a known key in another case", key)
	}
	return nil
}
