package render

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// answer is what Python made of a template.
type answer struct {
	Text  *string `json:"text,omitempty"`
	Error string  `json:"error,omitempty"`
}

// seed is that of the templates that every run makes.
var seed = flag.Uint64("seed", 20261128, "makes other templates")

// TestGenerated holds random templates against Python's Jinja: some hundred, with
// KPM_SOAK 20,000. Without python3 and jinja2 it says so, and TestRecorded stands
// in for it.
func TestGenerated(t *testing.T) {
	n := 600
	if os.Getenv("KPM_SOAK") != "" {
		n = 20_000
	}
	cases := make([]generated, n)
	for i := range cases {
		cases[i] = generate(*seed, uint64(i))
	}
	ask(t, cases)
	judge(t, cases)
}

// recordedFile holds templates of an earlier run with Python's answers. -update
// writes it.
var recordedFile = filepath.Join("testdata", "generated.json")

// TestRecorded is TestGenerated with answers that Python gave before, so that it
// needs none.
func TestRecorded(t *testing.T) {
	var cases []generated
	if *update {
		for i := range 500 {
			cases = append(cases, generate(*seed+1, uint64(i)))
		}
		ask(t, cases)
		var b bytes.Buffer
		for _, c := range cases {
			line, err := json.Marshal(c)
			if err != nil {
				t.Fatal(err)
			}
			b.Write(append(line, '\n'))
		}
		if err := os.WriteFile(recordedFile, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(recordedFile)
	if err != nil {
		t.Fatal(err)
	}
	cases = nil
	for line := range bytes.Lines(data) {
		var c generated
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	judge(t, cases)
}

// ask gives each case Python's answer, in one process for all.
func ask(t *testing.T, cases []generated) {
	t.Helper()
	if out, err := exec.Command("python3", "-c", "import jinja2").CombinedOutput(); err != nil {
		t.Skipf("python3 with jinja2 is not there: templates are not compared with what it prints: %v %s", err, out)
	}
	var in bytes.Buffer
	for _, one := range append([]any{generatedValues()}, asAny(cases)...) {
		line, err := json.Marshal(one)
		if err != nil {
			t.Fatal(err)
		}
		in.Write(append(line, '\n'))
	}
	cmd := exec.Command("python3", filepath.Join("testdata", "oracle.py"))
	cmd.Stdin, cmd.Stderr = &in, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := slices.Collect(bytes.Lines(out))
	if len(lines) != len(cases) {
		t.Fatalf("Python gave %d answers to %d templates", len(lines), len(cases))
	}
	for i, line := range lines {
		cases[i].Answer = &answer{}
		if err := json.Unmarshal(line, cases[i].Answer); err != nil {
			t.Fatal(err)
		}
	}
}

func asAny(cases []generated) []any {
	out := make([]any, len(cases))
	for i, c := range cases {
		out[i] = c
	}
	return out
}

// verdict is how an answer of ours stands to Python's.
type verdict string

const (
	agreed   verdict = "agreed"
	wanted   verdict = "wanted difference"
	silent   verdict = "silent difference"
	accepted verdict = "accepted where Jinja refuses"
	refused  verdict = "refused where Jinja accepts"
)

// most is how many of a thousand templates may fall under a verdict.
var most = map[verdict]int{silent: 2, accepted: 3, refused: 20}

// judge renders each case and bounds how many differ from Python's answer.
func judge(t *testing.T, cases []generated) {
	counts, refusals, names := map[verdict]int{}, 0, map[string]int{}
	for _, c := range cases {
		got, err := c.render(t)
		v, name := c.judge(got, err)
		counts[v]++
		names[name]++
		if c.Answer.Text == nil {
			refusals++
		}
		switch {
		case v == agreed || v == wanted && !*verbose:
			continue
		case v == silent && c.isPlain():
			t.Errorf("a manifest would differ: %s\n want %s\n got  %q", c.Template, c.Answer, got)
		case v == refused && !namesConstruct(err):
			t.Errorf("%s\nis refused with a message that names nothing: %v", c.Template, err)
		}
		t.Logf("%s: %s\n%v\n want %s\n got  %q %v", v, c.Template, c.Templates, c.Answer, got, err)
	}
	for _, v := range slices.Sorted(maps.Keys(counts)) {
		t.Logf("%-30s %6d of %d  %.2f %%", v, counts[v], len(cases), percent(counts[v], len(cases)))
		if bound, ok := most[v]; ok && counts[v]*1000 > bound*len(cases) {
			t.Errorf("%s: %.2f %%, more than %.1f %%", v, percent(counts[v], len(cases)), float64(bound)/10)
		}
	}
	list, err := os.ReadFile(filepath.Join("..", "..", "docs", "templates.md"))
	if err != nil {
		t.Fatal(err)
	}
	delete(names, "")
	for name := range sorted2(names) {
		t.Logf("wanted: %-22s %6d", name, names[name])
		if !strings.Contains(string(list), "| `"+name+"` |") {
			t.Errorf("docs/templates.md does not say that kpm differs in %s", name)
		}
	}
	t.Logf("Jinja refuses %.1f %% of them", percent(refusals, len(cases)))
	histogram(t, cases)
}

// String is the answer, for people.
func (a *answer) String() string {
	if a.Text == nil {
		return a.Error
	}
	return fmt.Sprintf("%q", *a.Text)
}

func (c generated) render(t *testing.T) (string, error) {
	lookup := func(name string) (string, bool) {
		if name == "generated" {
			return c.Template, true
		}
		text, ok := c.Templates[name]
		return text, ok
	}
	return execute(t.Context(), "generated", func(stopped func() error) *machine {
		return newMachine(stopped, lookup, generatedValues(), true)
	})
}

func (c generated) judge(got string, err error) (verdict, string) {
	switch want := c.Answer.Text; {
	case want == nil && err != nil, want != nil && err == nil && *want == got:
		return agreed, ""
	case c.wantedBy(err) != "":
		return wanted, c.wantedBy(err)
	case want == nil:
		return accepted, ""
	case err != nil:
		return refused, ""
	}
	return silent, ""
}

// wantedRefusals are how messages begin or end of what Jinja lets pass, by the name of
// the difference.
var wantedRefusals = []struct {
	name    string
	message *regexp.Regexp
}{
	{"names", regexp.MustCompile(`: unknown (filter|test) "`)},
	{"objects", regexp.MustCompile(` has no text`)},
	{"undefined", regexp.MustCompile(` is not defined|: there is no (first|last|smallest)|: an item has no |has no attribute "|the condition is false`)},
	{"bounds", regexp.MustCompile(` would have more than `)},
	{"internals", regexp.MustCompile(`is a complex number, and there are none here`)},
}

// wantedBy is the name of the difference in docs/templates.md that this one is, or
// nothing.
func (c generated) wantedBy(err error) string {
	if err == nil {
		return map[bool]string{true: c.Wanted}[c.Wanted == "include" || c.Wanted == "pairs" && c.Answer.Text == nil]
	}
	for _, w := range wantedRefusals {
		if c.Answer.Text != nil && w.message.MatchString(err.Error()) {
			return w.name
		}
	}
	return ""
}

// plainFeatures are those that manifests are made of: texts, values, conditions,
// loops, and the filters of everyday. Nothing of them may differ without a word.
var plainFeatures = []string{
	"text", "print", "variable", "string", "integer", "bool", "list", "dict", "brackets", "attribute", "item", "item by key", "mark -", "comment", "raw",
	"if", "else", "elif", "for", "for pairs", "for over mapping", "for if", "loop", "set", "set block", "with", "macro", "include", "import", "from import",
	"==", "!=", "<", ">", "in", "not in", "and", "or", "not", "~", "+", "if expression", "range", "undefined, default",
	"filter default", "filter d", "filter tojson", "filter to_json", "filter quote", "filter indent", "filter join", "filter upper", "filter lower", "filter replace", "filter trim",
	"filter int", "filter float", "filter string", "filter length", "filter list", "filter map", "filter select", "filter selectattr", "filter sort", "filter dictsort", "filter items",
	"filter first", "filter last", "filter unique", "filter b64encode", "filter sha256", "filter required", "filter ternary", "filter title", "filter round",
	"test defined", "test undefined", "test none", "test string", "test mapping", "test number", "test in", "test eq", "is not",
	"method split", "method replace", "method items", "method keys", "method get", "method startswith", "method endswith", "method lower", "method upper", "method strip", "method format",
}

func (c generated) isPlain() bool {
	return !slices.ContainsFunc(c.Features, func(f string) bool { return !slices.Contains(plainFeatures, f) })
}

// namesConstruct reports whether a message says what it is about: something in
// quotes or with a name of the language.
func namesConstruct(err error) bool {
	_, message, _ := strings.Cut(err.Error(), ": ")
	return utf8.RuneCountInString(message) > 12 && !strings.Contains(message, "does not understand")
}

// histogram prints how many templates have each feature: each has to stand in at
// least one of 200.
func histogram(t *testing.T, cases []generated) {
	counts := map[string]int{}
	for _, one := range turns {
		counts[one.feature] = 0
	}
	for _, c := range cases {
		for _, f := range c.Features {
			counts[f]++
		}
	}
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(counts[b]-counts[a], strings.Compare(a, b))
	})
	var b strings.Builder
	for i, name := range names {
		if i%4 == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%5.2f %% %-28s", percent(counts[name], len(cases)), name)
		if counts[name]*200 < len(cases) {
			t.Errorf("%s stands in %d of %d templates, less than 0.5 %%", name, counts[name], len(cases))
		}
	}
	t.Logf("%d features:%s", len(names), b.String())
}
