package client

import (
	"fmt"
	"os"
	"strings"

	"github.com/kpm-sh/kpm/internal/render"
)

// Values are what a user sets for the templates of a Kube: files, single values,
// and single values that stay text. They are laid over the Kube's own in this
// order, the later over the earlier.
type Values struct {
	Files     []string // paths
	Set       []string // NAME=VALUE, where VALUE is a scalar of YAML
	SetString []string // NAME=TEXT
}

// layers reads the values. What is wrong with a flag is a *UsageError, what is
// wrong with a file a kube.Problems.
func (v Values) layers() ([]render.Layer, error) {
	var layers []render.Layer
	for _, path := range v.Files {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("reading values: %w", err)
		}
		l, err := render.ParseValues(path, data)
		if err != nil {
			return nil, err
		}
		layers = append(layers, l)
	}
	for i, expr := range append(v.Set[:len(v.Set):len(v.Set)], v.SetString...) {
		l, err := render.ParseSet(expr, i >= len(v.Set))
		if err != nil {
			return nil, &UsageError{err}
		}
		layers = append(layers, l)
	}
	return layers, nil
}

// overrides reports whether layers set anything.
func overrides(layers []render.Layer) bool {
	for _, l := range layers {
		if len(l.Values) > 0 {
			return true
		}
	}
	return false
}

// names are the names of layers that set something, for a message.
func names(layers []render.Layer) string {
	var list []string
	for _, l := range layers {
		if len(l.Values) > 0 {
			list = append(list, l.Name)
		}
	}
	return strings.Join(list, ", ")
}
