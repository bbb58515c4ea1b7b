package site

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/chroma/v2"
)

func TestYAMLTokens(t *testing.T) {
	for text, want := range map[string]string{
		"a: b\n":                        "NameTag a|Punctuation :|Text  b\n",
		"- a: 1 # c\n":                  "Punctuation -|Text  |NameTag a|Punctuation :|Text  |LiteralNumber 1|Text  |Comment # c\n",
		"a: [x, true, 2.5]":             "NameTag a|Punctuation :|Text  |Punctuation [|Text x|Punctuation ,|Text  |KeywordConstant true|Punctuation ,|Text  |LiteralNumber 2.5|Punctuation ]",
		"{a: b, \"c\": 'd'}":            "Punctuation {|NameTag a|Punctuation :|Text  b|Punctuation ,|Text  |NameTag \"c\"|Punctuation :|Text  |LiteralString 'd'|Punctuation }",
		"a: |\n  b: c\n\n  # d\ne: f\n": "NameTag a|Punctuation :|Text  |Punctuation |\n|LiteralString   b: c\n\n  # d\n|NameTag e|Punctuation :|Text  f\n",
		"a: {{ b }}\n":                  "NameTag a|Punctuation :|Text  |Keyword {{ b }}|Text \n",
		"{% if a %}\nb: 'x{{ c }}y'\n":  "Keyword {% if a %}|Text \n|NameTag b|Punctuation :|Text  |LiteralString 'x|Keyword {{ c }}|LiteralString y'|Text \n",
		"{# a\nb #}c: d":                "Comment {# a\nb #}|NameTag c|Punctuation :|Text  d",
		"a: http://x:80/#y\n":           "NameTag a|Punctuation :|Text  http://x:80/#y\n",
		"---\na: &x !y *z":              "Punctuation ---|Text \n|NameTag a|Punctuation :|Text  |Keyword &x|Text  |Keyword !y|Text  |Keyword *z",
	} {
		var got []string
		for _, token := range yamlTokens(text) {
			got = append(got, token.Type.String()+" "+token.Value)
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%q:\ngot  %q\nwant %q", text, strings.Join(got, "|"), want)
		}
	}
}

// What is shown is the file, letter for letter.
func FuzzYAMLTokens(f *testing.F) {
	files, err := filepath.Glob("../packages/*/manifests/*")
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, at := range files {
		data, err := os.ReadFile(at)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Add("a: {{ b\n}}\n|{%\"\n'")
	f.Fuzz(func(t *testing.T, text string) {
		var back strings.Builder
		for _, token := range yamlTokens(text) {
			if token.Value == "" || token.Type == chroma.Error {
				t.Errorf("a token of %q is %v", text, token)
			}
			back.WriteString(token.Value)
		}
		if back.String() != text {
			t.Errorf("%q became %q", text, back.String())
		}
	})
}
