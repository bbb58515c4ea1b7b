package client

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/render"
)

// Two records have the same values when they mean the same, however they are spelt.
func TestSameOverrides(t *testing.T) {
	for name, c := range map[string]struct {
		a, b string
		want bool
	}{
		"none":                    {``, `{}`, true},
		"order and space":         {`{"a":1,"b":{"c":2}}`, `{ "b": {"c":2}, "a":1 }`, true},
		"escapes":                 {`{"a":"<"}`, `{"a":"\u003c"}`, true},
		"a fraction of before":    {`{"a":1000.0}`, `{"a":1000}`, true},
		"a fraction in a list":    {`{"a":[{"b":1.0}]}`, `{"a":[{"b":1}]}`, true},
		"some and none":           {`{"a":1}`, ``, false},
		"null is not none":        {`{"a":null}`, `{}`, false},
		"a number and its text":   {`{"a":1}`, `{"a":"1"}`, false},
		"true and its text":       {`{"a":true}`, `{"a":"true"}`, false},
		"an empty mapping":        {`{"a":{}}`, `{}`, false},
		"a list in another order": {`{"a":[1,2]}`, `{"a":[2,1]}`, false},
		"what cannot be read":     {`{`, `{`, false},
	} {
		if got := sameOverrides(json.RawMessage(c.a), json.RawMessage(c.b)); got != c.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

// What is remembered of values gives what they gave, also through the codec of
// records, which spells JSON in its own way.
func TestOverridesRoundTrip(t *testing.T) {
	k := &kube.Kube{Files: []kube.File{{Path: kube.ValuesPath, Data: []byte("m: {x: 0, yy: 7}\nl: [a, b]\nf: 1\n")}}}
	defaults, err := render.Defaults(k)
	must(t, err)
	for _, set := range []string{
		"", "f=1e3", "f=1.0", "f=1e21", "f=-0.0", "f=1.5", "f=3", "m=null", "m.x=null", "m=null m.x=1", "m.x=1 m=null m.z=2", "l=null", "l[1]=x", "l=null l[0]=x", "q.r=null", "q=1 q=null", "m.q=1 m.q=null", "m=null m.x=null", "t=<&>\u2028",
	} {
		var v Values
		v.Set = strings.Fields(set)
		own, err := v.layers()
		must(t, err)
		own, err = resolve(k, own)
		must(t, err)
		first, err := layersFor(k, own)
		must(t, err)
		text, err := encodeOverrides(defaults.Values, own)
		must(t, err)
		then, err := parseOverrides("", text)
		must(t, err)
		a := render.Merge(append([]render.Layer{defaults}, first...)...)
		b := render.Merge(defaults, then)
		if diff := cmp.Diff(a, b); diff != "" {
			t.Errorf("%q: the first run gives something else than the next (-first +next):\n%s", set, diff)
		}
		again, err := encodeOverrides(defaults.Values, []render.Layer{then})
		must(t, err)
		if !sameOverrides(text, again) {
			t.Errorf("%q: remembered as %s, and then as %s", set, text, again)
		}
	}
}

// A mapping that is set after a null holds what is set alone, whether in one command or in
// two; what a later release adds to its default comes through.
func TestMappingAfterNull(t *testing.T) {
	k := &kube.Kube{Files: []kube.File{{Path: kube.ValuesPath, Data: []byte("m: {a: 1, b: {c: 2}}\n")}}}
	defaults, err := render.Defaults(k)
	must(t, err)
	recorded, err := parseOverrides("recorded", json.RawMessage(`{"m":null}`))
	must(t, err)
	for name, w := range map[string]struct {
		recorded []render.Layer
		set      []string
		want     string
	}{
		"one command":     {nil, []string{"m=null", "m.b.z=1"}, `{"m":{"a":null,"b":{"c":null,"z":1}}}`},
		"a later command": {[]render.Layer{recorded}, []string{"m.b.z=1"}, `{"m":{"a":null,"b":{"c":null,"z":1}}}`},
	} {
		own, err := Values{Set: w.set}.layers()
		must(t, err)
		own, err = layersFor(k, append(w.recorded, own...))
		must(t, err)
		want := render.Values{"m": render.Values{"b": render.Values{"z": 1}}}
		if diff := cmp.Diff(want, render.Merge(append([]render.Layer{defaults}, own...)...)); diff != "" {
			t.Errorf("%s: values (-want +got):\n%s", name, diff)
		}
		text, err := encodeOverrides(defaults.Values, own)
		must(t, err)
		if !sameOverrides(json.RawMessage(w.want), text) {
			t.Errorf("%s: remembered as %s, want %s", name, text, w.want)
		}
		then, err := parseOverrides("", text)
		must(t, err)
		defaults := render.Layer{Values: render.Values{"m": render.Values{"a": 1, "b": render.Values{"c": 2}, "new": 3}}}
		want["m"].(render.Values)["new"] = 3
		if diff := cmp.Diff(want, render.Merge(defaults, then)); diff != "" {
			t.Errorf("%s: values of a later release (-want +got):\n%s", name, diff)
		}
	}
}
