package history

import (
	"encoding/json"
	"testing"

	"github.com/kpm-sh/kpm/internal/cluster/api"
)

// TestDigestOfRecord: a record that is read again has the digest that it was written
// with, and each word that a rollback goes by changes it.
func TestDigestOfRecord(t *testing.T) {
	written := Record{
		Action: "install", Version: "1.0.0", Salt: NewSalt(), Overrides: json.RawMessage(`{"b": "<&>", "a": 1.50}`),
		HookFiles: map[string][]byte{"a": []byte("b")}, Derived: []Place{{"v1", "Secret", "a", "/data/b"}},
		Manifests: []json.RawMessage{json.RawMessage(`{"kind":"A","x":"\u003c\u2028","n":1e3}`)},
		Digests:   map[int]string{1: "x"},
	}
	stored, err := written.encode()
	if err != nil {
		t.Fatal(err)
	}
	read := func() *Record {
		r, err := decodeRecord(stored, true, &budget{maxItems})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if got, want := read().digest(), written.digest(); got != want || got == "" {
		t.Fatalf("got %q, want %q", got, want)
	}
	same := read()
	same.Inventory, same.Digests = []api.Item{{UID: "1"}}, nil
	if same.digest() != written.digest() {
		t.Error("what became of the revision changes its digest")
	}
	for name, edit := range map[string]func(r *Record){
		"version": func(r *Record) { r.Version = "2" }, "repository": func(r *Record) { r.Repository = "b" }, "archive": func(r *Record) { r.Digest = "b" },
		"edited": func(r *Record) { r.Edited = true }, "salt": func(r *Record) { r.Salt = nil }, "overrides": func(r *Record) { r.Overrides = nil },
		"hook": func(r *Record) { r.HookDigest = "b" }, "hook values": func(r *Record) { r.HookValues = "b" }, "hook files": func(r *Record) { r.HookFiles["a"] = nil },
		"derived": func(r *Record) { r.Derived = nil }, "manifests": func(r *Record) { r.Manifests = nil },
	} {
		r := read()
		if edit(r); r.digest() == written.digest() {
			t.Errorf("%s: it has the same digest", name)
		}
	}
}
