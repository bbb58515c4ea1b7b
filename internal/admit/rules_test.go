package admit_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/admit"
	"github.com/kpm-sh/kpm/internal/kinds"
)

// rulesFile has a schema, and rules of it in CEL with what a server of oracleMinor says of
// them: taken, refused, or unjudged, which is refused and not here. At says where a rule is.
const rulesFile = "testdata/oracle/rules.txt"

// selfRules are the schema and rules of rulesFile.
type selfRules struct {
	head   string // up to the rules, as it stands
	schema map[string]any
	rules  []selfRule
}

type selfRule struct {
	text    string // JSON
	at      string
	rule    map[string]any
	verdict string
}

// TestRules judges rules that a server has judged, and with KPM_ORACLE asks it of these
// again, and of others that are nearly the same.
func TestRules(t *testing.T) {
	s := readRules(t)
	if oracle := strings.Fields(os.Getenv("KPM_ORACLE")); len(oracle) > 0 {
		s.asked(t, oracle)
		s.near(t, oracle)
	}
	for _, r := range s.rules {
		faults := s.judged(t, r)
		switch {
		case r.verdict == "refused" && len(faults) == 0:
			t.Errorf("the server refuses %s, and we find nothing", r.text)
		case r.verdict == "taken" && len(faults) > 0:
			t.Errorf("the server takes %s, and we say: %s", r.text, faults[0].Message)
		case r.verdict == "unjudged" && len(faults) > 0:
			t.Errorf("%s is refused by now: %s", r.text, faults[0].Message)
		}
	}
}

func readRules(t *testing.T) *selfRules {
	t.Helper()
	data, err := os.ReadFile(rulesFile)
	if err != nil {
		t.Fatal(err)
	}
	s := &selfRules{}
	for line := range strings.Lines(string(data)) {
		text, verdict, ok := cutLast(strings.TrimSuffix(line, "\n"), " is ")
		if schema, is := strings.CutPrefix(line, "schema "); is {
			s.schema = decoded(t, schema).(map[string]any)
		}
		if !ok || strings.HasPrefix(line, "#") {
			s.head += line
			continue
		}
		rule := decoded(t, text).(map[string]any)
		at, _ := rule["at"].(string)
		delete(rule, "at")
		s.rules = append(s.rules, selfRule{text, at, rule, verdict})
	}
	return s
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// definition has a rule at its place in the schema, which is that of spec.
func (s *selfRules) definition(r selfRule) map[string]any {
	var at []any
	for _, step := range strings.Fields(r.at) {
		if step != "items" && step != "additionalProperties" {
			at = append(at, "properties")
		}
		at = append(at, step)
	}
	c := &customs{schemas: map[string]any{}}
	definition := c.definition()
	path := []any{"spec", "versions", 0, "schema", "openAPIV3Schema", "properties", "spec"}
	schema := with(s.schema, append(at, "x-kubernetes-validations"), []any{r.rule})
	return with(definition, path, schema).(map[string]any)
}

func (s *selfRules) judged(t *testing.T, r selfRule) []admit.Fault {
	t.Helper()
	faults, known := admit.Native(s.definition(r), kinds.Minors{First: oracleMinor, Last: oracleMinor})
	if !known {
		t.Fatal("definitions are not known")
	}
	return faults
}

// refusals are what the oracle says of each rule, without what its evaluation costs.
func (s *selfRules) refusals(t *testing.T, oracle []string, rules []selfRule) [][]string {
	t.Helper()
	var groups [][]any
	for _, r := range rules {
		groups = append(groups, []any{s.definition(r)})
	}
	var all [][]string
	for _, verdicts := range askTogether(t, oracle, groups) {
		all = append(all, verdicts[0].Faults)
	}
	return all
}

func costs(faults []string) bool {
	return len(faults) > 0 && !slices.ContainsFunc(faults, func(f string) bool { return !strings.Contains(f, "cost") })
}

// asked holds rulesFile to the oracle, or writes it.
func (s *selfRules) asked(t *testing.T, oracle []string) {
	t.Helper()
	var b bytes.Buffer
	b.WriteString(s.head)
	for i, faults := range s.refusals(t, oracle, s.rules) {
		r := &s.rules[i]
		was := r.verdict
		switch {
		case len(faults) == 0:
			r.verdict = "taken"
		case len(s.judged(t, *r)) == 0 && (*update || was == "unjudged"):
			r.verdict = "unjudged"
		default:
			r.verdict = "refused"
		}
		fmt.Fprintf(&b, "%s is %s\n", r.text, r.verdict)
		if !*update && was != r.verdict {
			t.Errorf("%s is %s, and %s says %s: %q", r.text, r.verdict, rulesFile, was, faults)
		}
	}
	if *update {
		if err := os.WriteFile(rulesFile, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// near asks the oracle and us of rules with one or two words that differ.
func (s *selfRules) near(t *testing.T, oracle []string) {
	t.Helper()
	each := 5
	if os.Getenv("KPM_SOAK") != "" {
		each = 40
	}
	r := rand.New(rand.NewPCG(3, 4))
	var rules []selfRule
	for _, one := range s.rules {
		text, _ := one.rule["rule"].(string)
		for range each {
			rule := maps.Clone(one.rule)
			rule["rule"] = reworded(r, text)
			rules = append(rules, selfRule{at: one.at, rule: rule})
		}
	}
	refused, missed := 0, 0
	for i, faults := range s.refusals(t, oracle, rules) {
		ours := s.judged(t, rules[i])
		text, err := json.Marshal(rules[i].rule)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case len(faults) == 0 && len(ours) > 0:
			t.Errorf("the server takes %s, and we say: %s", text, ours[0].Message)
		case costs(faults):
		case len(faults) > 0 && len(ours) == 0:
			missed++
			t.Logf("missed: %s: %s", text, faults[0])
			fallthrough
		case len(faults) > 0:
			refused++
		}
	}
	t.Logf("of %d rules the server refuses %d, of these we miss %d", len(rules), refused, missed)
	if 100*(refused-missed) < least*refused {
		t.Errorf("of %d that the server refuses %d are missed", refused, missed)
	}
}

var wordForm = regexp.MustCompile(`(?s)[A-Za-z_]\w*|[0-9.]+|'[^']*'|[=!<>&|]+|\s+|.`)

// others are words to put in the place of one of their sort.
var others = []struct {
	form  *regexp.Regexp
	words []string
}{
	{regexp.MustCompile(`^[A-Za-z_]`), []string{"self", "self", "oldSelf", "size", "x", "foo", "name", "a", "b", "n", "m", "f", "t", "o", "l", "ls", "lm", "mp", "ios", "d", "has", "all", "exists", "startsWith", "in", "true", "null", "string", "int", "orValue"}},
	{regexp.MustCompile(`^[0-9.]*[0-9]`), []string{"1", "0", "1.0", "-1", "1u", "'x'", "null", "self.n"}},
	{regexp.MustCompile(`^'`), []string{"'x'", "''", "1", "b'x'", "['x']", "null", "self.a"}},
	{regexp.MustCompile(`^[-+*/%=!<>&|]+$`), []string{"==", "!=", "<", ">=", "&&", "||", "+", "-", "*", "in", "!"}},
	{regexp.MustCompile(``), []string{"", " ", "!", "(", ")", "[", "]", ".", ".?", "?", ":", ","}},
}

// reworded is an expression with one or two words that differ.
func reworded(r *rand.Rand, text string) string {
	words := wordForm.FindAllString(text, -1)
	if len(words) == 0 {
		return text
	}
	for range 1 + r.IntN(2) {
		at := r.IntN(len(words))
		for len(words[at]) == 1 && strings.Contains(" .,()[]{}?:", words[at]) && r.IntN(8) > 0 && len(words) > 1 {
			at = r.IntN(len(words))
		}
		for _, sort := range others {
			if sort.form.MatchString(words[at]) {
				words[at] = sort.words[r.IntN(len(sort.words))]
				break
			}
		}
	}
	return strings.Join(words, "")
}
