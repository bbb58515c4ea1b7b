package render

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// json reads the one value of a JSON text. What is JSON but not allowed is a
// kube.Problems; what is no JSON is another error.
func (r *valueReader) json(data []byte) (any, error) {
	j := &jsonReader{valueReader: r, data: data, dec: jsontext.NewDecoder(bytes.NewReader(data)), line: 1}
	value, err := j.value("", 0)
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName) && errors.As(err, &syntax):
		j.read = int(syntax.ByteOffset)
		return nil, problem(r.file, 1+bytes.Count(data[:min(j.read, len(data))], []byte("\n")), "%q is there twice", syntax.JSONPointer.LastToken())
	case err != nil:
		return nil, err
	}
	if _, err := j.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, faultf("something follows the value")
	}
	return value, nil
}

// jsonReader reads JSON token by token, to know the lines.
type jsonReader struct {
	*valueReader
	data []byte
	dec  *jsontext.Decoder
	read int // bytes whose lines are counted
	line int // of the last token
}

func (j *jsonReader) token() (jsontext.Token, error) {
	t, err := j.dec.ReadToken()
	end := int(j.dec.InputOffset())
	j.line += bytes.Count(j.data[j.read:end], []byte("\n"))
	j.read = end
	return t, err
}

func (j *jsonReader) value(at string, depth int) (any, error) {
	t, err := j.token()
	if err != nil {
		return nil, err
	}
	j.lines[at] = j.line
	if err := j.count(j.line, depth); err != nil {
		return nil, err
	}
	switch t.Kind() {
	case '{':
		return j.object(at, depth)
	case '[':
		return j.array(at, depth)
	case '"':
		return t.String(), nil
	case '0':
		return jsonNumber(j.file, j.line, t.String())
	case 'n':
		return nil, nil
	}
	return t.Bool(), nil
}

func (j *jsonReader) object(at string, depth int) (any, error) {
	out := Values{}
	for j.dec.PeekKind() != '}' {
		name, err := j.token()
		if err != nil {
			return nil, err
		}
		key, line := name.String(), j.line
		if err := j.name(key, line); err != nil {
			return nil, err
		}
		full := at + "/" + pointer(key)
		if out[key], err = j.value(full, depth+1); err != nil {
			return nil, err
		}
		j.lines[full] = line
	}
	_, err := j.token()
	return out, err
}

func (j *jsonReader) array(at string, depth int) (any, error) {
	out := []any{}
	for j.dec.PeekKind() != ']' {
		item, err := j.value(at+"/"+strconv.Itoa(len(out)), depth+1)
		if err != nil {
			return nil, err
		}
		out = append(out, item)
	}
	_, err := j.token()
	return out, err
}

// jsonNumber reads a number of JSON: one without a point or an exponent is whole.
func jsonNumber(file string, line int, text string) (any, error) {
	if !strings.ContainsAny(text, ".eE") {
		n, err := strconv.Atoi(text)
		if err != nil {
			return nil, problem(file, line, "%s", errLarge)
		}
		return n, nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil, problem(file, line, "%s", errLarge)
	}
	return f, nil
}

// JSON writes values so that ParseValues gives the same again: a number that has a
// point keeps it, keys are sorted.
func JSON(v Values) ([]byte, error) { return json.Marshal(exact(v)) }

// exact marks the numbers that JSON would write as whole ones.
func exact(value any) any {
	switch v := value.(type) {
	case Values:
		out := make(map[string]any, len(v))
		for key, item := range v {
			out[key] = exact(item)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = exact(item)
		}
		return out
	case float64:
		text := strconv.FormatFloat(v, 'g', -1, 64)
		if !strings.ContainsAny(text, ".e") {
			text += ".0"
		}
		return json.Number(text)
	}
	return value
}
