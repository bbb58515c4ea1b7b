package manifest_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/kpm-sh/kpm/internal/images"
	"github.com/kpm-sh/kpm/internal/manifest"
	"github.com/kpm-sh/kpm/internal/sharedtest"
)

var update = flag.Bool("update", false, "write what Decode says into the fixtures")

// TestFixtures decodes the one file in each txtar and holds objects and faults
// against its want.
func TestFixtures(t *testing.T) {
	fixtures, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(fixtures) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, file := range fixtures {
		t.Run(filepath.Base(file), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if len(a.Files) != 2 {
				t.Fatalf("%d files, want a manifest and its want", len(a.Files))
			}
			got := verdict(a.Files[0].Name, a.Files[0].Data)
			if *update {
				a.Files[1].Data = []byte(got)
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(a.Files[1].Data), got); diff != "" {
				t.Errorf("verdict (-want +got):\n%s", diff)
			}
		})
	}
}

func verdict(path string, data []byte) string {
	var b strings.Builder
	objects, problems := manifest.Decode(path, data)
	for _, o := range objects {
		fmt.Fprintf(&b, "%s:%d %s %s", o.Path, o.Line, o.APIVersion, o)
		if refs := images.Of(o); len(refs) > 0 {
			fmt.Fprintf(&b, " %s", refs)
		}
		b.WriteByte('\n')
	}
	for _, p := range problems {
		fmt.Fprintln(&b, p)
	}
	return b.String()
}

func TestDecodeConvertsAsKubernetesDoes(t *testing.T) {
	objects, ps := manifest.Decode("a.yaml", []byte("\ufeffapiVersion: v1\r\nkind: X\r\nmetadata: {name: a}\r\n"+
		"spec: {yes: 1, word: yes, octal: 0644, int: 9007199254740993, float: 1.5, huge: 9223372036854775808, text: '1', date: 2020-01-01, nothing: ~}\r\n"))
	if len(ps) > 0 || len(objects) != 1 {
		t.Fatal(objects, ps)
	}
	want := map[string]any{
		"true": int64(1), "word": true, "octal": int64(0o644), "int": int64(9007199254740993), "float": 1.5,
		"huge": float64(9223372036854775808), "text": "1", "date": "2020-01-01", "nothing": nil,
	}
	if diff := cmp.Diff(want, objects[0].Value["spec"]); diff != "" {
		t.Errorf("spec (-want +got):\n%s", diff)
	}
}

// TestDecodeRefusesQuickly gives it what would fill the memory of a reader that
// follows aliases or recurses without end.
func TestDecodeRefusesQuickly(t *testing.T) {
	const head = "apiVersion: v1\nkind: X\nmetadata: {name: a}\nx0: &x0 [a,a,a,a,a,a,a,a,a]\n"
	var laughs strings.Builder
	laughs.WriteString(head)
	for i := range 12 {
		fmt.Fprintf(&laughs, "x%d: &x%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*x%d,", i), 9), ","))
	}
	for name, c := range map[string]struct{ path, data string }{
		"alias bomb":    {"a.yaml", laughs.String()},
		"alias cycle":   {"a.yaml", head + "x: &x {y: *x}\n"},
		"deep flow":     {"a.yaml", head + "x: " + strings.Repeat("[", 100_000)},
		"deep block":    {"a.yaml", head + "x:\n" + strings.Repeat("- ", 100_000) + "a"},
		"deep enough":   {"a.yaml", head + "x: " + strings.Repeat("[", manifest.MaxDepth+1) + strings.Repeat("]", manifest.MaxDepth+1)},
		"deep JSON":     {"a.json", strings.Repeat(`{"a":`, 100_000)},
		"deep list":     {"a.json", strings.Repeat(`{"apiVersion":"v1","kind":"List","items":[`, 1000) + strings.Repeat("]}", 1000)},
		"aliased list":  {"a.yaml", "apiVersion: v1\nkind: List\nitems: &i\n- {apiVersion: v1, kind: List, items: *i}\n"},
		"many problems": {"a.yaml", strings.Repeat("a: 1\n", 1000)},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, ps := manifest.Decode(c.path, []byte(c.data))
		runtime.ReadMemStats(&after)
		if ps.Err() == nil {
			t.Errorf("%s: accepted", name)
		}
		if got := after.TotalAlloc - before.TotalAlloc; got > 200<<20 {
			t.Errorf("%s: took %d MiB", name, got>>20)
		}
	}
}

// TestCases holds Decode against the shared cases that need no schema: those
// of class syntax and the headers that Decode itself checks have to be refused,
// valid ones accepted.
func TestCases(t *testing.T) {
	dir := sharedtest.Path(t, "manifest-cases")
	data, err := os.ReadFile(filepath.Join(dir, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var expected struct {
		Cases map[string]struct{ File, Expect, Class, Reason string }
	}
	if err := json.Unmarshal(data, &expected); err != nil {
		t.Fatal(err)
	}
	ours := map[string]bool{"bad-no-apiversion": true, "bad-no-name": true, "bad-apiversion-number": true}
	judged := 0
	for name, c := range expected.Cases {
		data, err := os.ReadFile(filepath.Join(dir, c.File))
		if err != nil {
			t.Fatal(err)
		}
		_, ps := manifest.Decode(c.File, data)
		switch {
		case c.Expect == "valid" && ps.Err() != nil:
			t.Errorf("%s (%s) is valid, but: %v", name, c.Reason, ps)
		case (c.Class == "syntax" || ours[name]) && ps.Err() == nil:
			t.Errorf("%s (%s) is accepted", name, c.Reason)
		case c.Expect == "invalid" && c.Class != "syntax" && !ours[name]:
			continue
		}
		judged++
	}
	if judged < 50 {
		t.Errorf("only %d cases judged", judged)
	}
}

func FuzzDecode(f *testing.F) {
	fixtures, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range fixtures {
		a, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(a.Files[0].Data, filepath.Ext(a.Files[0].Name) == ".json")
	}
	f.Fuzz(func(t *testing.T, data []byte, asJSON bool) {
		path := "a.yaml"
		if asJSON {
			path = "a.json"
		}
		objects, ps := manifest.Decode(path, data)
		if len(objects) == 0 && ps.Err() == nil {
			t.Error("neither an object nor a fault")
		}
		for _, o := range objects {
			if o.APIVersion == "" || o.Kind == "" || o.Name == "" || o.Line < 1 {
				t.Errorf("odd object %+v", o)
			}
			images.Of(o)
		}
	})
}

func ExampleDecode() {
	objects, problems := manifest.Decode("manifests/web.yaml", []byte(`apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - image: nginx:1.29
---
apiVersion: v1
kind: Service
`))
	for _, o := range objects {
		fmt.Println(o, images.Of(o))
	}
	fmt.Println(problems)
	// Output:
	// Pod web [nginx:1.29]
	// manifests/web.yaml:9: metadata.name is missing
}

// A pair of escapes is one character in double quotes, and what it says elsewhere.
func TestSurrogates(t *testing.T) {
	const head = "apiVersion: v1\nkind: X\nmetadata: {name: a}\n"
	for text, want := range map[string]string{
		`"\ud83d\ude00"`: "😀", `"a\\\ud83d\ude00b"`: `a\😀b`, `"\\ud83d\ude00"`: "", `"\ud83d\ud83d\ude00"`: "", `'\ud83d\ude00'`: `\ud83d\ude00`, `\ud83d\ude00`: `\ud83d\ude00`,
		`["\ud83d\ude00", '\ud83d\ude00']`: "",
	} {
		objects, ps := manifest.Decode("a.yaml", []byte(head+"x: "+text+"\n"))
		if want == "" && ps.Err() == nil || want != "" && (len(objects) != 1 || objects[0].Value["x"] != want) {
			t.Errorf("%s: got %v, %v, want %q", text, objects, ps, want)
		}
	}
}
