package admit_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/admit"
	"github.com/kpm-sh/kpm/internal/kinds"
	"github.com/kpm-sh/kpm/internal/manifest"
	"github.com/kpm-sh/kpm/internal/sharedtest"
)

// of is the version of the server that the oracle is made of.
const oracleMinor = 36

// mutant is an object with one fault, perhaps.
type mutant struct {
	class, shape string
	object       map[string]any
	name         string
}

// TestOracle mutates fields of real objects, and asks the server's own code and this
// package of each mutant. KPM_ORACLE is the program to ask, internal/e2e/kpm-cluster.
func TestOracle(t *testing.T) {
	oracle := strings.Fields(os.Getenv("KPM_ORACLE"))
	if len(oracle) == 0 {
		t.Skip("skipped: KPM_ORACLE names no program to ask")
	}
	perShape := 1
	if os.Getenv("KPM_SOAK") != "" {
		perShape = 4
	}
	mutants := breed(objects(t), perShape)
	verdicts := ask(t, oracle, mutants)
	tallies := map[string]*tally{}
	for i, m := range mutants {
		faults, known := admit.Native(m.object, kinds.Minors{First: oracleMinor, Last: oracleMinor})
		v := verdicts[i]
		if !known || v.Unknown {
			continue
		}
		if tallies[m.class] == nil {
			tallies[m.class] = &tally{}
		}
		tallies[m.class].count(m, v.Faults, faults)
	}
	judge(t, tallies)
}

type tally struct {
	refused, missed, taken, wronged int
	misses, wrongs                  []string
}

func (c *tally) count(m mutant, server []string, ours []admit.Fault) {
	switch {
	case len(server) > 0:
		c.refused++
		if len(ours) == 0 {
			c.missed++
			c.misses = append(c.misses, fmt.Sprintf("%s: %s (%s)", m.shape, server[0], m.name))
		}
	default:
		c.taken++
		if len(ours) > 0 && !beyond(m, ours) {
			c.wronged++
			c.wrongs = append(c.wrongs, fmt.Sprintf("%s: %s %s (%s)", m.shape, ours[0].Where(), ours[0].Message, m.name))
		}
	}
}

// beyond tells whether the oracle cannot know of a fault: it reads only the core kinds
// as server-side apply does, which the server does with all.
func beyond(m mutant, ours []admit.Fault) bool {
	return strings.HasPrefix(m.shape, "apiextensions.k8s.io/") && ours[0].Sort == admit.Duplicate
}

// least is the share, in percent, of what the server refuses that is to be refused here.
const least = 97

func judge(t *testing.T, tallies map[string]*tally) {
	t.Helper()
	for _, class := range slices.Sorted(maps.Keys(tallies)) {
		c := tallies[class]
		t.Logf("%-10s server refuses %5d, of these we miss %4d (%.1f %% found); it takes %5d, of these we refuse %d",
			class, c.refused, c.missed, 100*float64(c.refused-c.missed)/float64(max(1, c.refused)), c.taken, c.wronged)
		if 100*(c.refused-c.missed) < least*c.refused {
			t.Errorf("%s: of %d that the server refuses %d are missed:\n\t%s", class, c.refused, c.missed, strings.Join(c.misses, "\n\t"))
		} else if testing.Verbose() {
			t.Logf("missed:\n\t%s", strings.Join(c.misses, "\n\t"))
		}
		if c.wronged > 0 {
			t.Errorf("%s: of %d that the server takes %d are refused:\n\t%s", class, c.taken, c.wronged, strings.Join(c.wrongs, "\n\t"))
		}
	}
}

type verdict struct {
	Unknown bool
	Faults  []string
}

// ask asks the oracle of each mutant alone.
func ask(t *testing.T, oracle []string, mutants []mutant) []verdict {
	t.Helper()
	groups := make([][]any, len(mutants))
	for i, m := range mutants {
		groups[i] = []any{m.object}
	}
	var all []verdict
	for _, group := range askTogether(t, oracle, groups) {
		all = append(all, group[0])
	}
	return all
}

// askTogether asks the oracle of groups of objects that are applied together.
func askTogether(t *testing.T, oracle []string, groups [][]any) [][]verdict {
	t.Helper()
	var in bytes.Buffer
	enc := json.NewEncoder(&in)
	for _, group := range groups {
		if err := enc.Encode(group); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), oracle[0], oracle[1:]...)
	cmd.Stdin, cmd.Stderr = &in, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all [][]verdict
	dec := json.NewDecoder(bytes.NewReader(out))
	for _, group := range groups {
		var verdicts []verdict
		if err := dec.Decode(&verdicts); err != nil || len(verdicts) != len(group) {
			t.Fatalf("%d verdicts on %d objects: %v", len(verdicts), len(group), err)
		}
		all = append(all, verdicts)
	}
	return all
}

// objects are those of the corpus, of the cases and of our own Kubes, by kind.
func objects(t *testing.T) []manifest.Object {
	t.Helper()
	roots := []string{"../../packages", "testdata/oracle", sharedtest.Path(t, "corpus/modern"), sharedtest.Path(t, "corpus/upgrade-chain/01"), sharedtest.Path(t, "corpus/classic"), sharedtest.Path(t, "manifest-cases")}
	var all []manifest.Object
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".yaml" || strings.Contains(path, "laughs") {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			found, _ := manifest.Decode(path, data)
			all = append(all, found...)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// breed makes the mutants of objects, at most some of each shape, and takes the
// objects themselves, too.
func breed(objects []manifest.Object, perShape int) []mutant {
	b := &breeder{perShape: perShape, seen: map[string]int{}}
	for _, o := range objects {
		b.object = o
		b.out = append(b.out, mutant{"as it is", o.APIVersion + " " + o.Kind, o.Value, o.Path})
		if text, err := json.Marshal(o.Value); err == nil && len(text) < maxMutated {
			b.walk(o.Value, nil)
		}
	}
	return b.out
}

// maxMutated is the size of an object, in JSON, above which only it is asked of.
const maxMutated = 20_000

type breeder struct {
	perShape int
	seen     map[string]int
	object   manifest.Object
	out      []mutant
}

// free are the fields whose names are the author's.
var free = map[string]bool{"labels": true, "annotations": true, "matchLabels": true, "nodeSelector": true, "data": true, "stringData": true, "limits": true, "requests": true, "properties": true, "selector": true, "hard": true, "capacity": true, "parameters": true}

func shape(at []any) string {
	var b strings.Builder
	for i, step := range at {
		s, text := step.(string)
		switch {
		case !text:
			b.WriteString("[]")
		case i > 0 && free[fmt.Sprint(at[i-1])] && (at[i-1] != "selector" || s != "matchLabels" && s != "matchExpressions"):
			b.WriteString(".*")
		default:
			b.WriteString("." + s)
		}
	}
	return b.String()
}

func (b *breeder) walk(v any, at []any) {
	if len(at) > 14 {
		return
	}
	if len(at) > 0 && at[0] != "apiVersion" && at[0] != "kind" {
		b.mutate(v, at)
	}
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			b.walk(v[key], append(slices.Clip(at), key))
		}
	case []any:
		for i, item := range v {
			b.walk(item, append(slices.Clip(at), i))
		}
	}
}

// dropped stands for a value that is taken away.
type dropped struct{}

func (b *breeder) mutate(v any, at []any) {
	b.add("drop", at, dropped{})
	b.add("null", at, nil)
	switch v := v.(type) {
	case string:
		b.add("retype", at, int64(7))
		b.add("empty", at, "")
		b.add("long", at, strings.Repeat("a", 300))
		b.add("word", at, "Bo gus_/!")
	case int64, float64:
		b.add("retype", at, "seven")
		b.add("negative", at, int64(-1))
		b.add("large", at, int64(5_000_000_000))
		b.add("zero", at, int64(0))
	case bool:
		b.add("retype", at, "maybe")
	case map[string]any:
		b.add("retype", at, "seven")
		b.add("empty", at, map[string]any{})
		more := maps.Clone(v)
		more["unknownField"] = int64(1)
		b.add("unknown", at, more)
	case []any:
		b.add("retype", at, map[string]any{"a": "b"})
		b.add("empty", at, []any{})
		if len(v) > 0 {
			b.add("duplicate", at, append(slices.Clone(v), v[len(v)-1]))
		}
	}
}

func (b *breeder) add(class string, at []any, v any) {
	s := b.object.APIVersion + " " + b.object.Kind + shape(at)
	key := class + " " + s
	if b.seen[key]++; b.seen[key] > b.perShape {
		return
	}
	b.out = append(b.out, mutant{class, s, with(b.object.Value, at, v).(map[string]any), filepath.Base(b.object.Path) + ":" + cmp.Or(b.object.Name, "?")})
}

// with is v with another value at a place.
func with(v any, at []any, value any) any {
	if len(at) == 0 {
		return value
	}
	switch v := v.(type) {
	case map[string]any:
		out := maps.Clone(v)
		out[at[0].(string)] = with(v[at[0].(string)], at[1:], value)
		if _, gone := out[at[0].(string)].(dropped); gone {
			delete(out, at[0].(string))
		}
		return out
	case []any:
		i := at[0].(int)
		out := slices.Clone(v)
		out[i] = with(v[i], at[1:], value)
		if _, gone := out[i].(dropped); gone {
			out = slices.Delete(out, i, i+1)
		}
		return out
	}
	return v
}
