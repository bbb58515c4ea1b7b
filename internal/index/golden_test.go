package index

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files")

// TestGolden: the bytes of each public form, which never change: what was
// published once is read for ever, and written the same.
func TestGolden(t *testing.T) {
	digest := DigestOf([]byte("x"))
	ref := Ref{digest, 1}
	pony := line(t, Record{
		Name: "pony", Rev: 9, Version: "2.2.0-beta3", Description: "a pony", Details: "It is small.", Keywords: []string{"horse"},
		Home: "https://pony.example", License: "Apache-2.0", Maintainers: []string{"Ada <ada@example.org>"},
		Dependencies: []Dependency{{"hay", "1.9 < x <= 1.10"}}, Built: At(day), Provides: []string{"pony.yaml"}, Kinds: []string{"Deployment"},
		Images: []string{"docker.io/library/pony:1"}, Kubernetes: ">=1.31", KPM: ">=1", Needs: []string{"later"}, Hook: digest,
		Tested: []string{"1.35.2", "1.36.3"}, Simulated: []string{"1.36.3"}, Deprecated: "use horse", Yanked: "it bites", Doc: ref,
	})
	gone := line(t, Record{Name: "zebra", Rev: 7, Gone: "superseded by pony", Doc: ref})
	segment, objects, err := encodeSegment([]Line{pony, gone}, 0, 9)
	if err != nil {
		t.Fatal(err)
	}
	part, err := unzip(objects[0].Data, MaxPart)
	if err != nil {
		t.Fatal(err)
	}
	tally := TallyOf([]Line{pony, gone})
	segment.Parts[0].SHA256, segment.Parts[0].Size = digest, 1 // gzip may choose other bytes in another version of Go
	head := &Head{
		Schema: HeadSchema, Repository: "acme", Root: digest, Trust: 2, Epoch: 1, Seq: 9, Issued: At(day), Expires: At(day.Add(14 * 24 * time.Hour)),
		Prev: digest, Kubes: tally.Kubes, Sum: tally.Sum(), Segments: []Segment{segment},
	}
	head.SetPrevious(ref)
	head.SetSite(ref)
	payload, err := head.Encode()
	if err != nil {
		t.Fatal(err)
	}
	envelope, err := NewEnvelope(payload, []byte(`{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"}`)).Encode()
	if err != nil {
		t.Fatal(err)
	}
	document, err := encode(&Document{Schema: DocumentSchema, Name: "pony", Readme: "# Pony", Releases: []Release{{
		Version: "2.2.0-beta3", SHA256: digest, Size: 1, Tar: digest, Built: At(day), Commit: "0123abcd", URLs: []string{"https://mirror.example/pony.tgz"},
		Dependencies: []Dependency{{"hay", "^1"}}, Kubernetes: ">=1.31", KPM: ">=1", Needs: []string{"later"}, Hook: digest,
		Images:   []Image{{"docker.io/library/pony:1", "sha256:" + string(digest), map[string]string{"linux/amd64": "sha256:" + string(digest)}}},
		Provides: []string{"pony.yaml"}, Yanked: &Yanked{"it bites", true}, Withdrawn: "asked for by its owner",
		Attestations: []Attestation{
			{Type: "https://slsa.dev/provenance/v1", Path: ProvenancePath("pony", "2.2.0-beta3"), SHA256: digest, Size: 1},
			{Type: "https://in-toto.io/attestation/test-result/v0.1", Path: ObjectPath(digest), SHA256: digest, Size: 1, Server: "1.36.3", Nodes: "simulated", Result: "PASSED"},
		},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string][]byte{
		"head.json": payload, "envelope.json": envelope, "record.json": pony.Raw, "gone.json": gone.Raw, "part.jsonl": part, "document.json": document,
	} {
		golden(t, name, got)
	}
}

// golden compares with testdata/NAME, which ends in one more newline so that a
// person can read it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, append(bytes.Clone(got), '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got)+"\n" != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}
