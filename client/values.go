package client

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/inputfile"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/render"
)

// Values are what a user sets for the templates of a Kube: files and single values.
// They are laid over the Kube's own in the order of these fields, the later over the
// earlier.
type Values struct {
	Files     []string  // paths; - is Stdin
	Set       []string  // NAME=WORD, of the kind of the value that it replaces
	SetString []string  // NAME=TEXT
	SetJSON   []string  // NAME=JSON
	SetFile   []string  // NAME=PATH of a file whose text is the value
	Stdin     io.Reader // nil: there is none
}

// layers reads the values; what kinds of values Set has, render.Resolve says. What
// is wrong with a flag is USAGE, what is wrong with a file a kube.Problems.
func (v Values) layers() ([]render.Layer, error) {
	layers, err := v.files()
	if err != nil {
		return nil, err
	}
	for _, flag := range []struct {
		exprs []string
		parse func(string) (render.Layer, error)
	}{
		{v.Set, render.ParseSet}, {v.SetString, render.ParseSetString}, {v.SetJSON, render.ParseSetJSON}, {v.SetFile, setFile},
	} {
		for _, expr := range flag.exprs {
			l, err := flag.parse(expr)
			if err != nil {
				return nil, errcode.With(errcode.Usage, nil, err)
			}
			layers = append(layers, l)
		}
	}
	return layers, nil
}

// files reads the files of values. Standard input can be read once.
func (v Values) files() ([]render.Layer, error) {
	var layers []render.Layer
	stdin := v.Stdin
	for _, path := range v.Files {
		var data []byte
		var err error
		switch {
		case path != "-":
			data, err = inputfile.Read(path, inputfile.MaxValues)
		case stdin == nil:
			return nil, usage("-f - reads standard input, and there is no more of it")
		default:
			path = "standard input"
			data, err = io.ReadAll(io.LimitReader(stdin, render.MaxSource+1))
			stdin = nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading values: %w", err)
		}
		l, err := render.ParseValues(path, data)
		if err != nil {
			return nil, err
		}
		layers = append(layers, l)
	}
	return layers, nil
}

func setFile(expr string) (render.Layer, error) {
	return render.ParseSetFile(expr, func(path string) ([]byte, error) { return inputfile.Read(path, inputfile.MaxValues) })
}

// resolve gives layers with the words of --set in the kind of the value that each
// replaces in a Kube.
func resolve(k *kube.Kube, layers []render.Layer) ([]render.Layer, error) {
	out, err := render.Resolve(k, layers)
	var ps kube.Problems
	if err != nil && !errors.As(err, &ps) {
		return nil, errcode.With(errcode.Usage, nil, err)
	}
	return out, err
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
