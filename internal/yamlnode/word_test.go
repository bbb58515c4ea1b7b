package yamlnode

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"go.yaml.in/yaml/v3"
	sigs "sigs.k8s.io/yaml"
)

// TestWord holds Word against what Kubernetes' own reader makes of the word, as a
// value and as a key.
func TestWord(t *testing.T) {
	words := []string{
		"", "~", "null", "Null", "NULL", "nULL", "true", "True", "TRUE", "tRue", "false", "y", "Y", "yes", "yEs", "YES", "on", "oN", "off", "Off", "no", "n",
		"nope", "of", "-", "--", "---", "...", "..", ".", "-.", "+", "1", "-1", "+1", "-0", "007", "08", "0o17", "0O17", "0x1F", "-0x1f", "0b11", "-0b11", "0b12",
		"1_000", "_1", "1_", "1__0", "0x_1", "1.", ".5", "-.5", "+.5", "1.10", "1e3", "1E+3", "1e", "1e400", "e1", "1.2.3", "1,2", "12:30:00", "190:20:30",
		"2026-11-28", "2026-11-28T12:00:00Z", "2026-1-2 3:4:5", ".inf", "-.Inf", "+.INF", ".nan", ".NaN", "-.nan", "inf", "nan", "<<", "=", "10Gi", "ünï", "1٣",
		"9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "18446744073709551616", "16777217", "1e10", "0.1", "123456789.25",
	}
	const letters = "yYnNoOfFtTruesl~.+-_0123456789xbeEINa:"
	r := rand.New(rand.NewPCG(7, 11))
	for range 5000 {
		text := make([]byte, 1+r.IntN(5))
		for i := range text {
			text[i] = letters[r.IntN(len(letters))]
		}
		words = append(words, string(text))
	}
	compared := 0
	for _, word := range words {
		if !plain(word) {
			continue
		}
		compared++
		got, _ := json.Marshal(map[string]any{"a": Word(word)})
		want, err := sigs.YAMLToJSON([]byte("a: " + word + "\n"))
		if err == nil && string(got) != string(want) {
			t.Errorf("%q: got %s, want %s", word, got, want)
		}
		if err != nil && string(got) == fmt.Sprintf(`{"a":%q}`, word) {
			t.Errorf("%q is text, but: %v", word, err)
		}
		key, ok := KeyWord(word)
		got, _ = json.Marshal(map[string]any{key: 1})
		want, err = sigs.YAMLToJSON([]byte("? " + word + "\n: 1\n"))
		if ok != (err == nil) || ok && string(got) != string(want) {
			t.Errorf("key %q: got %s %t, want %s, %v", word, got, ok, want, err)
		}
	}
	if compared < 4000 {
		t.Errorf("only %d words were compared", compared)
	}
}

// plain reports whether text is one plain word of YAML, and no merge key.
func plain(text string) bool {
	var n yaml.Node
	err := yaml.Unmarshal([]byte("a: "+text+"\n"), &n)
	if err != nil || text == "<<" {
		return false
	}
	value := n.Content[0].Content[1]
	return value.Kind == yaml.ScalarNode && value.Value == text && value.Style == 0
}
