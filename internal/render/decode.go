package render

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"
)

// decode reads one YAML document. Its node keeps the lines.
func decode(name string, data []byte) (any, *yaml.Node, error) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var node, next yaml.Node
	if err := dec.Decode(&node); errors.Is(err, io.EOF) {
		return nil, nil, nil
	} else if err != nil {
		return nil, nil, fmt.Errorf("not YAML: %w", err)
	}
	if err := dec.Decode(&next); !errors.Is(err, io.EOF) {
		return nil, nil, errors.New("more than one document")
	}
	var value any
	err := node.Decode(&value)
	return value, &node, err
}
