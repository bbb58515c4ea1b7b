package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// asDocuments writes objects as a stream of YAML documents, each under the path
// of its file.
func asDocuments(objects []manifest.Object) ([]byte, error) {
	var b bytes.Buffer
	for _, o := range objects {
		text, err := kube.YAML(o.Value)
		if err != nil {
			return nil, fmt.Errorf("writing %s: %w", o, err)
		}
		fmt.Fprintf(&b, "---\n# %s\n%s", o.Path, text)
	}
	return b.Bytes(), nil
}

// asList writes objects as one list of Kubernetes, in JSON.
func asList(objects []manifest.Object) ([]byte, error) {
	items := make([]map[string]any, len(objects))
	for i, o := range objects {
		items[i] = o.Value
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(map[string]any{"apiVersion": "v1", "kind": "List", "items": items})
	return b.Bytes(), err
}

// asYAML is JSON as YAML.
func asYAML(text []byte) ([]byte, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	return kube.YAML(plainNumbers(v))
}

// plainNumbers replaces the numbers in v, as far down as it goes.
func plainNumbers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, item := range v {
			v[key] = plainNumbers(item)
		}
	case []any:
		for i, item := range v {
			v[i] = plainNumbers(item)
		}
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		f, _ := v.Float64() //nolint:errcheck // the encoder has just written it
		return f
	}
	return v
}
