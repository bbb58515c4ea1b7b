// Package twin has Python judge what it knows best of a Kube: its hook is to parse, and its
// templates are to give the same objects as Python's own Jinja2 gives. It runs confined, as hooks do, and runs no hook. Where Python, its Jinja2 or what
// confines it is not there, a note says so.
package twin

import (
	"bytes"
	"cmp"
	"context"
	_ "embed" // the program
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kpm-sh/kpm/internal/hook"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/lint"
	"github.com/kpm-sh/kpm/internal/render"
)

// twinProgram renders with Python's own Jinja2, and compiles a hook.
//
//go:embed twin.py
var twinProgram []byte

// Twin asks Python, of one Kube after the other.
type Twin struct {
	self, dir string // the running program, and a folder of its own
	notes     map[string]bool
	jinja     string // version of Jinja2, once one was met
	runs      int
}

// said is what the program found.
type said struct {
	at    string // the file that was read last
	Jinja string
	Hook  []struct {
		Path    string
		Line    int
		Message string
	}
	Rendered []map[string]rendered
}

// rendered is what came of a template: its text, why there is none, or why it cannot be
// compared. One that took too long once is passed over after that.
type rendered struct {
	Text, Error, Unknown string
	Late                 float64 // seconds after which it was stopped
	Passed               bool
}

// unread is the finding of a Kube with which Python did not come to its end, at the file
// that it was reading. Other Kubes have nothing to do with it.
func unread(at string, err error) kube.Problem {
	p := kube.Problem{Path: at, Rule: "other-jinja", Message: fmt.Sprintf("Python ended before it had read it: %v", err)}
	if at == kube.HookPath {
		p.Rule = "hook-syntax"
	}
	if errors.Is(err, context.DeadlineExceeded) {
		p.Message = fmt.Sprintf("Python did not finish within %g seconds", limit.Seconds())
	}
	return p
}

// limit is how long Python may take for a Kube. For one template it may take less, which
// it sees to itself where it can.
const limit = time.Minute

// Judge judges the hook of a Kube, with what it imports of its own folder, and, of one that
// is valid otherwise, its templates. The rules of what it finds are hook-syntax and
// other-jinja.
func (t *Twin) Judge(ctx context.Context, k *kube.Kube, valid bool) (kube.Problems, error) {
	_, hasHook := k.Hook()
	templates := valid && len(k.Templates()) > 0
	if !templates && !hasHook {
		return nil, nil
	}
	var sets []render.Values
	var names []string
	if templates {
		sets, names = valueSets(k)
	}
	if err := hook.HasPython(hook.Python()); err != nil {
		t.note("hooks and templates: " + err.Error())
		return nil, nil
	}
	said, err := t.run(ctx, k, sets)
	if errors.Is(err, hook.ErrUnconfined) {
		t.note("hooks and templates are not read by Python: " + hook.ErrUnconfined.Error())
		return nil, nil
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	var ps kube.Problems
	if err != nil {
		return append(ps, unread(said.at, err)), nil
	}
	for _, f := range said.Hook {
		ps = append(ps, kube.Problem{Path: f.Path, Line: f.Line, Message: "Python does not parse it: " + f.Message, Rule: "hook-syntax"})
	}
	switch {
	case !templates:
	case said.Jinja == "":
		t.note("templates are not rendered by Python's own Jinja2, which is not installed")
	default:
		t.jinja = said.Jinja
		for i, values := range sets {
			ps = append(ps, t.compare(ctx, k, values, names[i], said.Rendered[i])...)
		}
	}
	return ps, nil
}

func (t *Twin) note(text string) { t.notes[text] = true }

// valueSets are the values that templates are rendered with, and what they are called.
func valueSets(k *kube.Kube) (sets []render.Values, names []string) {
	defaults, err := render.Defaults(k)
	if err != nil {
		return nil, nil
	}
	sets, names = []render.Values{render.Merge(defaults)}, []string{"the default values"}
	for _, f := range k.Files {
		if path.Dir(f.Path) != "tests/values" || path.Ext(f.Path) != ".yaml" {
			continue
		}
		if l, err := render.ParseValues(f.Path, f.Data); err == nil {
			sets, names = append(sets, render.Merge(defaults, l)), append(names, f.Path)
		}
	}
	return sets, names
}

// boxed is the Kube that holds the program and what it reads. What is wrong with the one
// that is judged is none of its faults.
var boxed = kube.File{Path: kube.MetaPath, Data: []byte("name: checked\nversion: 1.0.0\ndescription: It holds what Python reads\n")}

// box gives the Kube that holds nothing but the program and what it reads.
func box(k *kube.Kube, sets []render.Values) (*kube.Kube, error) {
	meta, err := kube.ReadMeta(boxed.Data)
	if err != nil {
		return nil, err
	}
	var list []json.RawMessage
	scripts := map[string]string{}
	files := []kube.File{boxed, {Path: kube.HookPath, Data: twinProgram}}
	if len(sets) == 0 {
		files = append(files, kube.File{Path: "manifests/none.yaml"}) // as a Kube has one
	}
	for _, values := range sets {
		text, err := render.JSON(values)
		if err != nil {
			return nil, err
		}
		list = append(list, text)
	}
	for _, f := range k.Files {
		switch {
		case path.Ext(f.Path) == ".py" && strings.HasPrefix(f.Path, path.Dir(kube.HookPath)+"/"):
			scripts[f.Path] = base64.StdEncoding.EncodeToString(f.Data)
		case len(sets) > 0 && strings.HasPrefix(f.Path, "manifests/"):
			files = append(files, f)
		}
	}
	for name, value := range map[string]any{"sets.json": list, "scripts.json": scripts} {
		data, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		files = append(files, kube.File{Path: name, Data: data})
	}
	slices.SortFunc(files, func(a, b kube.File) int { return strings.Compare(a.Path, b.Path) })
	return &kube.Kube{Meta: meta, Files: files}, nil
}

// run runs the program. Where it fails it is told which file it was at.
func (t *Twin) run(ctx context.Context, k *kube.Kube, sets []render.Values) (said, error) {
	s := said{at: kube.HookPath}
	if _, hook := k.Hook(); !hook {
		s.at = k.Templates()[0].Path
	}
	in, err := box(k, sets)
	if err != nil {
		return s, err
	}
	t.runs++
	var out bytes.Buffer
	result, err := hook.Run(ctx, hook.Call{
		Kube: in, Action: hook.Install, Python: hook.Python(), Self: t.self, Dir: filepath.Join(t.dir, strconv.Itoa(t.runs)), Timeout: limit, Out: io.MultiWriter(&out),
	})
	for line := range strings.Lines(out.String()) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "at "); ok {
			s.at = name
		}
	}
	if err != nil {
		return s, cmp.Or(errors.Unwrap(err), err) // whose hook it is said to be is none of the Kube
	}
	for _, f := range result.Files {
		if f.Path == "twin.json" {
			return s, json.Unmarshal(f.Data, &s)
		}
	}
	return s, errors.New("it said nothing")
}

// compare holds what kpm renders to what Python does, object by object.
func (t *Twin) compare(ctx context.Context, k *kube.Kube, values render.Values, with string, python map[string]rendered) kube.Problems {
	files, err := render.Render(ctx, k, values, render.Options{Overridden: true})
	if err != nil {
		return nil // lint has said so, if it matters
	}
	ours := map[string][]byte{}
	for _, f := range files {
		ours[path.Base(f.Path)+".tmpl"] = f.Data
	}
	var ps kube.Problems
	for _, f := range k.Templates() {
		name := path.Base(f.Path)
		theirs := python[name]
		if theirs.Unknown != "" {
			t.note("templates: " + theirs.Unknown)
		}
		if theirs.Unknown != "" || theirs.Passed {
			continue
		}
		p := kube.Problem{Path: f.Path, Rule: "other-jinja"}
		if theirs.Late > 0 {
			p.Message = fmt.Sprintf("with %s: Python did not finish within %g seconds", with, theirs.Late)
			ps = append(ps, p)
			continue
		}
		line, text := differs(strings.TrimSuffix(f.Path, ".tmpl"), ours[name], theirs.Text, theirs.Error)
		if text == "" {
			continue
		}
		if line > 0 {
			p.Line = lint.TemplateLines(ours[name], f.Data)(line)
		}
		p.Message = fmt.Sprintf("with %s: Python's Jinja2 gives something else: %s", with, text)
		ps = append(ps, p)
	}
	return ps
}

// Notes are what could not be asked, and why; sorted.
func (t *Twin) Notes() []string { return slices.Sorted(maps.Keys(t.notes)) }

// New is for this program, which is to call hook.Main first of all, with a folder that
// closing removes.
func New() (t *Twin, closing func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	dir, err := os.MkdirTemp("", "kpm-check-")
	if err != nil {
		return nil, nil, err
	}
	return &Twin{self: self, dir: dir, notes: map[string]bool{}}, func() { os.RemoveAll(dir) }, nil //nolint:errcheck // a folder of ours in the temporary one
}
