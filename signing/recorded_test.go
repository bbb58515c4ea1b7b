package signing_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/signing"
)

// TestRecorded: what fulcio 1.8.8, rekor-tiles 2.3.0 and timestamp-authority 2.1.3 signed
// on 2026-11-29 for a job, a head and the provenance of an archive, is good for ever: at
// the time that it proves.
func TestRecorded(t *testing.T) {
	read := func(name string) []byte { return must(os.ReadFile(filepath.Join("testdata/recorded", name))) }
	root := must(signing.ParseTrustedRoot(read("trusted_root.json")))
	who := signing.Identity{
		Issuer: string(read("issuer")), SAN: "https://github.com/shared/workflows/.github/workflows/publish.yml@refs/heads/main",
		SourceRepository: "https://github.com/acme/packages",
	}
	policy := signing.Policy{Verifiers: []signing.Verifier{must(signing.KeylessVerifier(who, root, signing.ProfilePrivateLog))}, Threshold: 1}
	v, err := signing.Open(read("payload"), [][]byte{read("bundle.json")}, policy)
	if err != nil {
		t.Fatal(err)
	}
	if got := v.Proven().UTC().Format(time.DateOnly); got != "2026-11-29" {
		t.Errorf("it proves %s", got)
	}
	p, err := signing.ParseProvenance(must(signing.OpenStatement(read("attestation.json"), policy)))
	if err != nil || p.Name != "pony" || p.Version != "1.1.0" {
		t.Errorf("got %+v, %v", p, err)
	}
	if _, err := signing.Open(append(read("payload"), ' '), [][]byte{read("bundle.json")}, policy); err == nil {
		t.Error("it counts for other bytes, too")
	}
}
