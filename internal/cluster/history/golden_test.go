package history

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/index"
)

var updateGolden = flag.Bool("update", false, "write the golden files")

// TestGoldenRevision: the words of a revision's Secret, of its record and of the
// objects' confirmation never change, as revisions outlive the kpm that wrote them.
func TestGoldenRevision(t *testing.T) {
	at := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	needs := []index.Dependency{{Name: "hay", Version: "^1"}}
	r := Revision{
		Installation: api.Installation{Namespace: "web", Name: "pony"}, Number: 3, Status: Installed, Action: "rollback", To: 1, Repeats: 2,
		Version: "1.0.0+a", Repository: "acme", Pin: "1@sha256:00", Digest: "00", Signer: "key 00", Edited: true, Dependencies: needs,
		Started: at, Finished: at.Add(time.Minute), Holder: Holder{Run: "r", User: "u", Host: "h", Boot: "b", PID: 7}, parts: 1, digest: "00",
		witness: witnessOf([]api.Item{{Ref: api.Ref{APIVersion: "v1", Kind: "Service", Namespace: "web", Name: "a"}, UID: "1"}}),
	}
	record := Record{
		Schema: Schema, Action: "rollback", To: 1, Repeats: 2, Version: "1.0.0+a", Repository: "acme", Pin: "1@sha256:00", Digest: "00", Signer: "key 00",
		Edited: true, Dependencies: needs, Salt: make([]byte, saltSize), Overrides: json.RawMessage(`{"b": 1, "a": "x"}`), HookDigest: "00", HookValues: "00",
		HookFiles: map[string][]byte{"manifests/a.yaml": []byte("a: 1\n")}, Derived: []Place{{"v1", "Secret", "a", "/data/password"}},
		Digests: map[int]string{1: "01", 3: "03"},
		Inventory: []api.Item{
			{Ref: api.Ref{APIVersion: "v1", Kind: "Service", Namespace: "web", Name: "a"}, UID: "1", Planned: true},
			{Ref: api.Ref{APIVersion: "v1", Kind: "Namespace", Name: "web"}, UID: "2", Why: "it has finalizers"},
		},
		Manifests: []json.RawMessage{json.RawMessage(`{"kind":"Service"}`)},
	}
	got, err := json.MarshalIndent(map[string]any{"metadata": r.metadata(), "record": record, "inputs": record.confirmation(), "digest": record.digest()}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	path := filepath.Join("testdata", "revision.json")
	if *updateGolden {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
