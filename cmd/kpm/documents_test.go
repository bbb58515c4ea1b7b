package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/manifest"
)

// What `kpm template` prints is read again as the same objects, whatever characters
// their texts have and wherever these stand.
func TestDocumentsAreReadAgain(t *testing.T) {
	data := map[string]any{}
	add := func(text string) { data[fmt.Sprintf("k%d", len(data))] = text }
	for r := rune(1); r <= 0x10ffff; r++ {
		if r > 0x2100 && r < 0xfe00 && r != 0xd7ff && r != 0xe000 || r > 0x10000 && r%0x1000 > 1 {
			continue
		}
		for _, form := range []string{"%c", "a%cb", "%ca", "a%c", "a\n%cb\n", "# %c: x", "'%c\"\\\n"} {
			add(fmt.Sprintf(form, r))
		}
	}
	for _, word := range []string{"no", "1.10", "0644", "1e3", "~", "", " ", "null", "---", "...", "--- a\n", "a: b", "- a", "a\t\nb", "\n\na", "a\n\n", "  a\n b\n", "=", "<<", "12:30:00", "0o17", "1_000", "2026-11-28", "@a", "`a", "%a", "!a", "&a", "*a", "|", ">", "{", "[", "a #b", "\r\n", "a\rb"} {
		add(word)
		data["key "+word] = "x"
		data[word] = "x"
	}
	r := rand.New(rand.NewPCG(3, 5))
	const letters = " \n\t\r\u0085\u2028\u2029\ufeff\u00a0\x7f\x1b'\"\\#:-a1é😀\ufffe"
	for range 3000 {
		var b strings.Builder
		for range r.IntN(8) {
			all := []rune(letters)
			b.WriteRune(all[r.IntN(len(all))])
		}
		add(b.String())
		data["x"+b.String()] = "y"
	}
	const wordly = "yYnNoOfFtTruesl~.+-_0123456789xbeEINa:"
	for range 3000 {
		text := make([]byte, 1+r.IntN(5))
		for i := range text {
			text[i] = wordly[r.IntN(len(wordly))]
		}
		add(string(text))
	}
	// Numbers of a manifest: whole ones and others.
	numbers := []any{int64(1), int64(-9223372036854775808), 1.5, 1e21, 1e-7, 0.1, true, nil, []any{}, map[string]any{}}
	object := map[string]any{"apiVersion": "v1", "kind": "X", "metadata": map[string]any{"name": "a"}, "data": data, "numbers": numbers}
	text, err := asDocuments([]manifest.Object{{Path: "a.yaml", APIVersion: "v1", Kind: "X", Name: "a", Value: object}})
	if err != nil {
		t.Fatal(err)
	}
	objects, ps := manifest.Decode("a.yaml", text)
	if ps.Err() != nil || len(objects) != 1 {
		t.Fatalf("%d objects, %.2000s", len(objects), ps)
	}
	got, _ := objects[0].Value["data"].(map[string]any)
	wrong := 0
	for key, want := range data {
		if got[key] != want {
			if wrong++; wrong < 40 {
				t.Errorf("%q: got %q, want %q", key, got[key], want)
			}
		}
	}
	if len(got) != len(data) || wrong > 0 {
		t.Errorf("%d texts of %d, %d are wrong", len(got), len(data), wrong)
	}
	if diff := cmp.Diff(any(numbers), objects[0].Value["numbers"]); diff != "" {
		t.Errorf("numbers (-want +got):\n%s", diff)
	}
}
