package kube_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/kube"
)

func TestKubeSorts(t *testing.T) {
	k := pony(t)
	for name, c := range map[string]struct{ got, want []string }{
		"manifests": {names(k.Manifests()), []string{"manifests/a.yaml", "manifests/b.json"}},
		"templates": {names(k.Templates()), []string{"manifests/a.yaml.tmpl", "manifests/c.json.tmpl"}},
		"provides":  {k.Provides(), []string{"a.yaml", "b.json", "c.json"}},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if hook, ok := k.Hook(); !ok || string(hook.Data) != "print()\n" || !hook.Exec {
		t.Errorf("Hook() = %q, %v", hook.Data, ok)
	}
	if got := k.Readme(); got != "# Pony\n" {
		t.Errorf("Readme() = %q", got)
	}
	if _, ok := k.File("manifests"); ok {
		t.Error("manifests is a file")
	}
}

func names(files []kube.File) []string {
	var ns []string
	for _, f := range files {
		ns = append(ns, f.Path)
	}
	return ns
}

func TestProblems(t *testing.T) {
	ps := kube.Problems{
		{Path: "b", Line: 10, Message: "late"},
		{Path: "b", Line: 9, Message: "early", Warning: true},
		{Message: "the folder"},
		{Path: "a\nb", Message: "odd"},
	}
	ps.Sort()
	want := "the folder\n\"a\\nb\": odd\nb:9: warning: early\nb:10: late"
	if got := ps.Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := len(ps.Errors()); got != 3 {
		t.Errorf("%d errors, want 3", got)
	}
	if err := ps.Warnings().Err(); err != nil {
		t.Errorf("warnings are an error: %v", err)
	}
	if got := ps.In("pony")[0].String(); got != "pony: the folder" {
		t.Errorf("In: got %q", got)
	}
	if ps[0].Path != "" {
		t.Error("In changed the findings themselves")
	}
}

func TestPrintable(t *testing.T) {
	for s, want := range map[string]bool{
		"": true, "äöü 日本 🐎": true, "\ufffd": true,
		"a\nb": false, "a\tb": false, "\x1b[31m": false, "\x7f": false, "\u0085": false, "\u202e": false,
		"\u200b": false, "\ufeff": false, "\u2028": false, "\xff": false, "\xc3\x28": false,
	} {
		if got := kube.Printable(s, false); got != want {
			t.Errorf("Printable(%q) = %v, want %v", s, got, want)
		}
	}
	if !kube.Printable("a\n\tb", true) || kube.Printable("a\rb", true) {
		t.Error("multiline allows newline and tab, nothing else")
	}
}
