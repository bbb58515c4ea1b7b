package hook

import (
	"bytes"
	"errors"
	"path"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/kpm-sh/kpm/internal/kube"
)

// TestLeaves runs the hooks of testdata/leaves and looks at what kpm takes of
// what they leave.
func TestLeaves(t *testing.T) {
	t.Parallel()
	level := bestLevel(t)
	for _, name := range fixtures(t, "leaves") {
		t.Run(strings.TrimSuffix(path.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			files := sections(fixture(t, name))
			c, out := call(t, files["pre-install.py"])
			got, err := run(t.Context(), c, []Level{level})
			if want := strings.TrimSpace(files["want"]); want != "" || err != nil {
				if err == nil || err.Error() != "reading what it wrote: "+want {
					t.Fatalf("got %v, want %q\n%s", err, want, out)
				}
			}
			var paths strings.Builder
			for _, f := range got.Files {
				paths.WriteString(f.Path + "\n")
			}
			if paths.String() != files["files"] {
				t.Errorf("got the files\n%swant\n%s", &paths, files["files"])
			}
			isEmpty(t, c.Dir)
		})
	}
}

func sections(text string) map[string]string {
	files := map[string]string{}
	for _, f := range txtar.Parse([]byte(text)).Files {
		files[f.Name] = string(f.Data)
	}
	return files
}

func TestHookValues(t *testing.T) {
	t.Parallel()
	c, out := call(t, `
import os
old = os.environ["KUBE_PREVIOUS"]
text = open(old + "/hook-values.yaml").read() if old else "n: 0\n"
open("hook-values.yaml", "w").write(text + os.environ["KUBE_ACTION"] + os.environ["KUBE_NAMESPACE"] + ": " + os.environ["KUBE_VALUES"] + "\n")
`)
	first, err := Run(t.Context(), allowed(c))
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	c.Action, c.Previous, c.Values = Upgrade, first.Files, nil
	second, err := Run(t.Context(), allowed(c))
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	want := "n: 0\ninstallmeadow: {\"color\":\"red\"}\nupgrademeadow: {}\n"
	if got := string(second.Values); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPreviousStaysInItsFolder(t *testing.T) {
	t.Parallel()
	c, _ := call(t, "")
	c.Previous = []kube.File{{Path: "../../../evil"}}
	if _, err := Run(t.Context(), c); err == nil || !strings.Contains(err.Error(), "path escapes") {
		t.Errorf("got %v, want that the path escapes", err)
	}
	isEmpty(t, c.Dir)
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	for want, breaks := range map[string]func(*Call){
		"running the hook of pony: there is none":                                        func(c *Call) { c.Kube.Files = c.Kube.Files[:2] },
		"running the hook of pony: it needs Python 3, and there is no python3-of-nobody": func(c *Call) { c.Python = "python3-of-nobody" },
		"running the hook of pony: it needs Python 3, and there is no /none/python3":     func(c *Call) { c.Python = "/none/python3" },
		"running the hook of pony: its values are 130049 bytes, more than 130048":        func(c *Call) { c.Values = bytes.Repeat([]byte(" "), MaxValues+1) },
		"running the hook of pony: it ended with exit status 3":                          func(c *Call) { c.Kube.Files[2].Data = []byte("raise SystemExit(3)"); *c = allowed(*c) },
	} {
		c, _ := call(t, "")
		breaks(&c)
		if _, err := Run(t.Context(), c); err == nil || err.Error() != want {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestLargestValues(t *testing.T) {
	t.Parallel()
	c, out := call(t, `import os; print(len(os.environ["KUBE_VALUES"]))`)
	c.Values = bytes.Repeat([]byte(" "), MaxValues)
	if _, err := Run(t.Context(), allowed(c)); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "pony | 130048\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestUnconfinedOnlyWhenAllowed(t *testing.T) {
	t.Parallel()
	c, _ := call(t, "")
	c.Allow = "0000000000000000000000000000000000000000000000000000000000000000"
	if _, err := run(t.Context(), c, nil); !errors.Is(err, ErrUnconfined) || !strings.Contains(err.Error(), "sha256:"+string(DigestOf(c.Kube))) {
		t.Errorf("another hook is allowed: got %v, want %v", err, ErrUnconfined)
	}
	got, err := run(t.Context(), allowed(c), nil)
	if err != nil || got.Level != Unconfined || got.Missing == nil {
		t.Errorf("this hook is allowed: got %+v, %v", got, err)
	}
}
