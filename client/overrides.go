package client

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/render"
)

// recordedLayers are the values that a record has, as one layer; none when r is nil.
func recordedLayers(id api.Installation, r *history.Record) ([]render.Layer, error) {
	if r == nil {
		return nil, nil
	}
	l, err := parseOverrides("the values of "+id.String(), r.Overrides)
	if err != nil {
		return nil, err
	}
	return []render.Layer{l}, nil
}

// parseOverrides reads what encodeOverrides wrote. A record without any has none.
func parseOverrides(name string, remembered json.RawMessage) (render.Layer, error) {
	if len(remembered) == 0 {
		remembered = json.RawMessage("{}")
	}
	return render.ParseOverrides(name, remembered)
}

// encodeOverrides are the user's own values as they are remembered, to be laid over
// defaults.
func encodeOverrides(defaults render.Values, layers []render.Layer) (json.RawMessage, error) {
	data, err := render.JSON(render.Overrides(defaults, layers...))
	if err != nil {
		return nil, fmt.Errorf("remembering values: %w", err)
	}
	return data, nil
}

// sameOverrides reports whether two remembered texts set the same values: how they
// are spelt, and whether no values are "{}" or nothing, does not count. What cannot
// be read is the same as nothing else.
func sameOverrides(a, b json.RawMessage) bool {
	x, err := parseOverrides("", a)
	if err != nil {
		return false
	}
	y, err := parseOverrides("", b)
	return err == nil && reflect.DeepEqual(plainNumbers(x.Values), plainNumbers(y.Values))
}

// plainNumbers copies a value with all numbers as float64: records of before have
// whole ones without a fraction.
func plainNumbers(value any) any {
	switch v := value.(type) {
	case int:
		return float64(v)
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = plainNumbers(item)
		}
		return out
	case render.Values:
		out := render.Values{}
		for key, item := range v {
			out[key] = plainNumbers(item)
		}
		return out
	}
	return value
}

// layersFor are the user's layers as the Kube is rendered with them: such that the
// next run, which has only what is remembered of them, gives the same. Where layers
// mean more than can be remembered (a null for what an earlier one removed), what is
// remembered counts from the first.
func layersFor(k *kube.Kube, own []render.Layer) ([]render.Layer, error) {
	if len(own) < 2 {
		return own, nil
	}
	defaults, err := render.Defaults(k)
	if err != nil {
		return nil, err
	}
	text, err := encodeOverrides(defaults.Values, own)
	if err != nil {
		return nil, err
	}
	one, err := parseOverrides(names(own), text)
	if err != nil {
		return nil, err
	}
	layered := render.Merge(append([]render.Layer{defaults}, own...)...)
	if reflect.DeepEqual(plainNumbers(layered), plainNumbers(render.Merge(defaults, one))) {
		return own, nil
	}
	return []render.Layer{one}, nil
}
