package cluster

import (
	"encoding/json"
	"maps"
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

// TestVouchers: who is vouched for, by which objects.
func TestVouchers(t *testing.T) {
	i := api.Installation{Namespace: "web", Name: "a"}
	salt := NewSalt()
	three := &Record{Salt: salt, Digests: map[int]string{1: "one", 2: "two", 3: "three"}}
	four := &Record{Salt: salt, Digests: map[int]string{2: "two", 3: "three", 4: "four"}} // it failed
	forged := &Record{Salt: salt, Digests: map[int]string{1: "evil", 3: "three"}}
	s := State{
		Revisions: []Revision{{Number: 4, Status: Failed}, {Number: 3, Status: Installed}, {Number: 2, Status: Installed}, {Number: 1, Status: Installed}},
		Current:   three, Tried: []*Record{four},
	}
	object := func(r *Record) map[string]any {
		return map[string]any{"metadata": map[string]any{
			"labels":      map[string]any{api.LabelInstallation: "a", api.LabelNamespace: "web"},
			"annotations": map[string]any{noteInputs: r.confirmation()},
		}}
	}
	deployment := api.Ref{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "web", Name: "a"}
	job := api.Ref{APIVersion: "batch/v1", Kind: "Job", Namespace: "web", Name: "a"}
	config := api.Ref{APIVersion: "v1", Kind: "ConfigMap", Namespace: "web", Name: "a"}
	type live map[api.Ref]*Record
	for name, test := range map[string]struct {
		live    live
		telling bool
		want    map[int]string
	}{
		"all are of the newest":                      {live{deployment: three, job: three}, true, three.Digests},
		"some are of an attempt":                     {live{deployment: three, job: four}, true, map[int]string{2: "two", 3: "three"}},
		"one is of what is not remembered":           {live{deployment: three, job: forged}, true, nil},
		"one carries nothing":                        {live{deployment: three, job: {}}, true, nil},
		"nothing is there":                           {nil, true, nil},
		"only configuration":                         {live{config: three}, false, three.Digests},
		"only configuration, and workloads come":     {live{config: three}, true, nil},
		"configuration of others beside a workload":  {live{deployment: three, config: forged}, true, three.Digests},
		"configuration of an attempt, and of others": {live{config: forged}, false, nil},
	} {
		v := vouchersOf(s)
		for ref, r := range test.live {
			v.see(i, ref, object(r), true)
		}
		if got := v.digests(s.Revisions, test.telling); !maps.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
	if got := s.Vouching(1, &Record{Version: "1"}); got != nil {
		t.Errorf("a record with another digest is vouched for by %v", got)
	}
}
