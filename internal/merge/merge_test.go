package merge_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/kpm-sh/kpm/internal/merge"
)

// escapes are how bytes are written in a fixture that an editor would not keep. A
// backslash at the end of a file stands for no end of its last line.
var (
	escapes = strings.NewReplacer(`\x00`, "\x00", `\ufeff`, "\ufeff", `\r`+"\n", "\r\n")
	escaped = strings.NewReplacer("\x00", `\x00`, "\ufeff", `\ufeff`, "\r\n", `\r`+"\n")
)

// fixture is one rule: three versions of a file and what comes of them.
type fixture struct {
	name               string
	base, ours, theirs *merge.File
	outcome, want      string
}

func fixtures(t testing.TB) map[string]fixture {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	all := map[string]fixture{}
	for _, path := range paths {
		a, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var f fixture
		for _, file := range a.Files {
			name, version, _ := strings.Cut(file.Name, " ")
			data := &merge.File{Data: []byte(escapes.Replace(strings.TrimSuffix(string(file.Data), "\\\n")))}
			switch version {
			case "base":
				f.name, f.base = name, data
			case "ours":
				f.name, f.ours = name, data
			case "theirs":
				f.name, f.theirs = name, data
			default:
				f.outcome, f.want = version, string(file.Data)
			}
		}
		all[strings.TrimSuffix(filepath.Base(path), ".txtar")] = f
	}
	return all
}

func TestMerge(t *testing.T) {
	for name, f := range fixtures(t) {
		t.Run(name, func(t *testing.T) {
			r := merge.Merge(f.name, f.base, f.ours, f.theirs)
			if string(r.Outcome) != f.outcome {
				t.Errorf("got %s %v, want %s", r.Outcome, r.Clashes, f.outcome)
			}
			if diff := cmp.Diff(f.want, report(r)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// report is what a fixture says it wants: the clashes and the content.
func report(r merge.Result) string {
	var b strings.Builder
	for _, c := range r.Clashes {
		fmt.Fprintf(&b, "%d: %s", c.Line, c.Text)
		if c.Base+c.Ours+c.Theirs != "" {
			fmt.Fprintf(&b, ": %s | %s | %s", c.Base, c.Ours, c.Theirs)
		}
		b.WriteByte('\n')
	}
	if r.File != nil {
		b.WriteString(escaped.Replace(string(r.File.Data)))
		if len(r.File.Data) > 0 && !bytes.HasSuffix(r.File.Data, []byte("\n")) {
			b.WriteString("\\\n")
		}
	}
	return b.String()
}

// The execute bit is merged like the content.
func TestExec(t *testing.T) {
	plain, exec := &merge.File{Data: []byte("a\n")}, &merge.File{Data: []byte("a\n"), Exec: true}
	other := &merge.File{Data: []byte("b\n")}
	if r := merge.Merge("run.sh", plain, exec, other); r.File == nil || !r.File.Exec || string(r.File.Data) != "b\n" {
		t.Errorf("got %+v", r)
	}
	if r := merge.Merge("run.sh", plain, other, exec); r.File == nil || !r.File.Exec || string(r.File.Data) != "b\n" {
		t.Errorf("got %+v", r)
	}
}

// FuzzMerge holds what is true of every merge.
func FuzzMerge(f *testing.F) {
	for _, x := range fixtures(f) {
		if x.base != nil && x.ours != nil && x.theirs != nil {
			f.Add(x.name, x.base.Data, x.ours.Data, x.theirs.Data)
		}
	}
	f.Fuzz(func(t *testing.T, name string, a, b, c []byte) {
		base, ours, theirs := &merge.File{Data: a}, &merge.File{Data: b}, &merge.File{Data: c}
		for what, got := range map[string]struct{ r, want *merge.File }{
			"only ours changed":   {merge.Merge(name, base, ours, base).File, ours},
			"only theirs changed": {merge.Merge(name, base, base, theirs).File, theirs},
			"both changed alike":  {merge.Merge(name, base, ours, ours).File, ours},
			"nobody changed":      {merge.Merge(name, base, base, base).File, base},
		} {
			if !bytes.Equal(got.r.Data, got.want.Data) {
				t.Errorf("%s: got %q, want %q", what, got.r.Data, got.want.Data)
			}
		}
		r := merge.Merge(name, base, ours, theirs)
		if (r.Outcome == merge.Conflict) != (len(r.Clashes) > 0) || r.File == nil {
			t.Errorf("got %+v", r)
		}
		// It is the same who is the user.
		if back := merge.Merge(name, base, theirs, ours); (back.Outcome == merge.Conflict) != (r.Outcome == merge.Conflict) {
			t.Errorf("got %+v, and the other way round %+v", r, back)
		}
	})
}
