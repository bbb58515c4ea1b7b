package hook

import (
	"slices"
	"testing"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
)

func TestDigestOf(t *testing.T) {
	sum := func(text string) string { return string(index.DigestOf([]byte(text))) }
	of := func(files ...kube.File) index.Digest { return DigestOf(&kube.Kube{Files: files}) }
	a, b := kube.File{Path: "a/b", Data: []byte("1")}, kube.File{Path: "a-b", Data: []byte("2")}
	want := index.DigestOf([]byte(sum("2") + "  a-b\n" + sum("1") + "  a/b\n"))
	for name, files := range map[string][]kube.File{"in order": {b, a}, "out of order": {a, b}} {
		if got := of(files...); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	for name, files := range map[string][]kube.File{
		"another file's content": {b, {Path: "a/b", Data: []byte("3")}},
		"another name":           {b, {Path: "a/c", Data: []byte("1")}},
		"a file more":            {b, a, {Path: "c"}},
		"a file less":            {b},
		"contents exchanged":     {{Path: "a-b", Data: a.Data}, {Path: "a/b", Data: b.Data}},
	} {
		if of(files...) == want {
			t.Errorf("%s: the digest is the same", name)
		}
	}
	files := []kube.File{a, b}
	of(files...)
	if !slices.EqualFunc(files, []kube.File{a, b}, func(a, b kube.File) bool { return a.Path == b.Path }) {
		t.Errorf("it put the Kube's own files in order: %v", files)
	}
}

// TestHelperOfAnotherKube allows the script of a Kube unconfined, and exchanges
// what the script loads.
func TestHelperOfAnotherKube(t *testing.T) {
	t.Parallel()
	c, out := call(t, "import runpy\nrunpy.run_path('scripts/more.py')\n")
	more := kube.File{Path: "scripts/more.py", Data: []byte("print('as read')\n")}
	c.Kube.Files = slices.Insert(c.Kube.Files, 2, more)
	c = allowed(c)
	if _, err := run(t.Context(), c, nil); err != nil || out.String() != "pony | as read\n" {
		t.Fatalf("as allowed: got %v\n%s", err, out)
	}
	c.Kube.Files[2].Data = []byte("print('exchanged')\n")
	if _, err := run(t.Context(), c, nil); err == nil || out.String() != "pony | as read\n" {
		t.Errorf("with another helper: got %v, want that it is refused\n%s", err, out)
	}
}
