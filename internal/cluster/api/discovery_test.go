package api

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/sharedtest"
)

func TestDiscovery(t *testing.T) {
	sharedtest.Fixtures(t, "discovery", func(t *testing.T, files map[string][]byte) string {
		all := newKinds()
		for name, data := range files {
			switch {
			case name == "aggregated":
				d, err := parseDiscovery(data)
				if err != nil {
					t.Fatal(err)
				}
				all.add(d)
			case strings.HasPrefix(name, "resources "):
				if _, err := parseDiscovery(data); err == nil {
					t.Errorf("%s is taken for aggregated", name)
				}
				d, err := parseResources(strings.TrimPrefix(name, "resources "), data)
				if err != nil {
					t.Fatal(err)
				}
				all.add(d)
			}
		}
		var b strings.Builder
		for q := range strings.SplitSeq(strings.TrimSpace(string(files["ask"])), "\n") {
			apiVersion, kind, _ := strings.Cut(q, " ")
			c := &Client{kinds: all}
			r, err := c.Resource(t.Context(), apiVersion, kind)
			if err != nil {
				b.WriteString(err.Error() + "\n")
				continue
			}
			b.WriteString(r.Path("ns", "x") + "\n")
		}
		return b.String()
	})
}

func TestParseVersions(t *testing.T) {
	for data, want := range map[string]string{
		`{"kind":"APIVersions","versions":["v1"]}`: `["v1"]`,
		`{"kind":"APIGroupList","groups":[{"name":"apps","versions":[{"groupVersion":"apps/v1"},{"groupVersion":"apps/v1beta1"}]}]}`: `["apps/v1","apps/v1beta1"]`,
	} {
		got, err := parseVersions([]byte(data))
		if err != nil {
			t.Fatal(err)
		}
		if text, _ := json.Marshal(got); string(text) != want {
			t.Errorf("%s: got %s", data, text)
		}
	}
}
