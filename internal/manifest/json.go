package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// json reads the one value of a JSON file.
func (f *file) json(data []byte) {
	if len(bytes.TrimSpace(data)) == 0 {
		return
	}
	at, err := scan(data)
	if err != nil {
		f.errorf(1+bytes.Count(data[:at], []byte("\n")), "not JSON: %s", err)
		return
	}
	f.value(place{line: 1 + bytes.Count(data[:valueStart(data)], []byte("\n"))}, data)
}

func valueStart(data []byte) int {
	return len(data) - len(bytes.TrimLeft(data, " \t\r\n"))
}

// scan says why data is not one JSON value with keys that are there once, and
// at which byte.
func scan(data []byte) (at int64, err error) {
	dec := jsontext.NewDecoder(bytes.NewReader(data))
	for {
		_, err := dec.ReadToken()
		if errors.Is(err, io.EOF) {
			return int64(len(data)), io.ErrUnexpectedEOF
		}
		if err != nil {
			return faultOf(err, dec)
		}
		if dec.StackDepth() > MaxDepth {
			return dec.InputOffset(), fmt.Errorf("nests deeper than %d levels", MaxDepth)
		}
		if dec.StackDepth() == 0 {
			break
		}
	}
	end := dec.InputOffset()
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return end + int64(valueStart(data[end:])), errors.New("something follows the value")
	}
	return 0, nil
}

func faultOf(err error, dec *jsontext.Decoder) (int64, error) {
	var syntax *jsontext.SyntacticError
	if !errors.As(err, &syntax) {
		return dec.InputOffset(), err
	}
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return syntax.ByteOffset, fmt.Errorf("key %q is there twice", syntax.JSONPointer.LastToken())
	}
	return syntax.ByteOffset, syntax.Err
}

// parse reads JSON as Kubernetes does: whole numbers that fit are int64.
func parse(text []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	return numbers(v)
}

// numbers replaces the numbers in v, as far down as it goes.
func numbers(v any) (any, error) {
	var err error
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			if v[k], err = numbers(v[k]); err != nil {
				return nil, err
			}
		}
	case []any:
		for i := range v {
			if v[i], err = numbers(v[i]); err != nil {
				return nil, err
			}
		}
	case json.Number:
		if n, err := strconv.ParseInt(v.String(), 10, 64); err == nil {
			return n, nil
		}
		return v.Float64()
	}
	return v, nil
}
