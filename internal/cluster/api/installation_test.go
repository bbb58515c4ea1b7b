package api

import (
	"strings"
	"testing"
)

func TestManager(t *testing.T) {
	if got := (Installation{Namespace: "web", Name: "nginx"}).Manager(); got != "kpm:web/nginx" {
		t.Errorf("got %s", got)
	}
	long := Installation{Namespace: strings.Repeat("n", 63), Name: strings.Repeat("k", 63)}
	if got := long.Manager(); len(got) > maxManager || !strings.HasPrefix(got, "kpm:") {
		t.Errorf("got %s", got)
	}
}

// TestNames refuses names that would lead a request elsewhere.
func TestNames(t *testing.T) {
	for name, want := range map[string]bool{
		"a": true, "system:node": true, "a.b,c;d": true, "": false, ".": false, "..": false, "a/b": false, "a%2fb": false, "a?b": false,
	} {
		if err := (Ref{APIVersion: "v1", Kind: "Pod", Name: name}).Check(); (err == nil) != want {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestOwner(t *testing.T) {
	i := Installation{Namespace: "ns", Name: "web"}
	for name, c := range map[string]struct {
		labels map[string]any
		want   owner
	}{
		"none":              {nil, Unowned},
		"ours":              {map[string]any{LabelInstallation: "web", LabelNamespace: "ns"}, Ours},
		"another namespace": {map[string]any{LabelInstallation: "web", LabelNamespace: "other"}, Theirs},
		"another name":      {map[string]any{LabelInstallation: "db", LabelNamespace: "ns"}, Theirs},
		"no namespace":      {map[string]any{LabelInstallation: "web"}, Theirs},
		"namespace alone":   {map[string]any{LabelNamespace: "ns"}, Unowned},
	} {
		if got := i.OwnerOf(map[string]any{"metadata": map[string]any{"labels": c.labels}}); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
