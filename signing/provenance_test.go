package signing_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/signing"
)

func testProvenance() signing.Provenance {
	return signing.Provenance{
		Repository: "acme",
		Name:       "etcd",
		Version:    "2.2.0",
		Commit:     "0123456789abcdef0123456789abcdef01234567",
		Archive:    "etcd-2.2.0.tgz",
		SHA256:     strings.Repeat("ab", 32),
	}
}

// attested is the statement as it comes back from verification.
func attested(t *testing.T, stmt []byte) signing.Verified {
	t.Helper()
	a := testKey(t, "a")
	v, err := signing.OpenStatement(must(a.Attest(stmt)), policyOf(1, a))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestProvenanceSurvives(t *testing.T) {
	for _, commit := range []string{testProvenance().Commit, ""} {
		want := testProvenance()
		want.Commit = commit
		got, err := signing.ParseProvenance(attested(t, must(want.Statement())))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestParseProvenanceIgnoresOpenFields(t *testing.T) {
	stmt := string(must(testProvenance().Statement()))
	for _, at := range []string{`"builder":{`, `"runDetails":{`, `"buildDefinition":{`} {
		more := strings.Replace(stmt, at, at+`"x":[1],`, 1)
		if got, err := signing.ParseProvenance(attested(t, []byte(more))); err != nil || got != testProvenance() {
			t.Errorf("with a field in %s: got %v, %v", at, got, err)
		}
	}
}

func TestParseProvenanceRejects(t *testing.T) {
	stmt := string(must(testProvenance().Statement()))
	digest := testProvenance().SHA256
	for name, c := range map[string]struct{ old, new, want string }{
		"statement type":   {signing.StatementType, "https://in-toto.io/Statement/v0.1", "the statement is"},
		"predicate type":   {signing.ProvenanceType, "https://slsa.dev/provenance/v0.2", "the predicate is"},
		"build type":       {signing.BuildType, "https://example.com/build", "the build type is"},
		"no subject":       {`"subject":[{`, `"subject":[],"x":[{`, "0 subjects"},
		"two subjects":     {`"subject":[`, `"subject":[{"name":"x","digest":{"sha256":"` + digest + `"}},`, "2 subjects"},
		"two digests":      {`"digest":{`, `"digest":{"sha512":"00",`, "2 digests"},
		"other digest":     {`"sha256"`, `"sha1"`, "no sha256"},
		"upper-case":       {digest, strings.ToUpper(digest), "no sha256"},
		"short digest":     {digest, digest[2:], "no sha256"},
		"unknown argument": {`"externalParameters":{`, `"externalParameters":{"x":"y",`, "unknown object member"},
		"no version":       {`"version":"2.2.0"`, `"version":""`, "version is empty"},
		"no name":          {`"name":"etcd",`, ``, "name is empty"},
		"no repository":    {`"repository":"acme"`, `"repository":""`, "repository is empty"},
		"no archive":       {`"name":"etcd-2.2.0.tgz"`, `"name":""`, "archive is empty"},
		"name in capitals": {`"name":"etcd",`, `"Name":"etcd",`, "unknown object member"},
		"key twice":        {`"version":"2.2.0"`, `"version":"2.2.0","version":"9.9.9"`, "duplicate"},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(stmt, c.old) {
				t.Fatalf("the statement has no %s", c.old)
			}
			_, err := signing.ParseProvenance(attested(t, []byte(strings.Replace(stmt, c.old, c.new, 1))))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	if _, err := signing.ParseProvenance(signing.Verified{}); err == nil {
		t.Error("a zero signing.Verified was accepted")
	}
}

func TestStatementRejects(t *testing.T) {
	for name, change := range map[string]func(*signing.Provenance){
		"repository": func(p *signing.Provenance) { p.Repository = "" },
		"name":       func(p *signing.Provenance) { p.Name = "" },
		"version":    func(p *signing.Provenance) { p.Version = "" },
		"archive":    func(p *signing.Provenance) { p.Archive = "" },
		"sha256":     func(p *signing.Provenance) { p.SHA256 = "sha256:00" },
	} {
		p := testProvenance()
		change(&p)
		if _, err := p.Statement(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
