package client

import (
	"testing"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/signing"
)

func TestUntested(t *testing.T) {
	result := func(server, result string) index.Attestation {
		return index.Attestation{Type: signing.TestResultType, Server: server, Result: result}
	}
	for name, c := range map[string]struct {
		has    []index.Attestation
		server string
		want   string
	}{
		"no evidence":      {[]index.Attestation{{Type: signing.ProvenanceType}}, "v1.37.0", ""},
		"of this minor":    {[]index.Attestation{result("1.36.3", signing.TestPassed), result("1.37.1", signing.TestPassed)}, "v1.37.0-gke.1", ""},
		"of others":        {[]index.Attestation{result("1.35.9", signing.TestPassed), result("1.36.3", signing.TestPassed)}, "v1.37.0", "a 1.0.0 is tested on Kubernetes 1.35.9, 1.36.3; this is v1.37.0"},
		"1.3 is not 1.37":  {[]index.Attestation{result("1.3.7", signing.TestPassed)}, "v1.37.0", "a 1.0.0 is tested on Kubernetes 1.3.7; this is v1.37.0"},
		"failed":           {[]index.Attestation{result("1.37.2", signing.TestFailed)}, "v1.37.0", "a 1.0.0 did not pass its test on Kubernetes 1.37.2; this is v1.37.0"},
		"failed elsewhere": {[]index.Attestation{result("1.36.2", signing.TestFailed)}, "v1.37.0", ""},
	} {
		if got := untested("a", index.Release{Version: "1.0.0", Attestations: c.has}, c.server); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
