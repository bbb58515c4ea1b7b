package trust

import (
	"fmt"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/signing"
)

// openTestResult is Tested under d alone.
func openTestResult(d *Document, bundle []byte, repository, name string, r index.Release, a index.Attestation) (signing.TestResult, signing.Verified, error) {
	what := fmt.Sprintf("the test result of %s %s", name, r.Version)
	v, refused := d.verify(what, TestsRole, func(p signing.Policy) (signing.Verified, error) {
		return signing.OpenStatement(bundle, p)
	})
	if refused != nil {
		return signing.TestResult{}, v, refused
	}
	got, err := signing.ParseTestResult(v)
	if err != nil {
		return signing.TestResult{}, v, formatError(what, err)
	}
	for _, f := range []struct{ name, got, want string }{
		{"repository", got.Repository, repository},
		{"name", got.Name, name},
		{"version", got.Version, r.Version},
		{"sha256", got.SHA256, string(r.SHA256)},
		{"tar", got.Tar, string(r.Tar)},
		{"server", got.Server, a.Server},
		{"nodes", got.Nodes, a.Nodes},
		{"result", got.Result, a.Result},
	} {
		if f.got != f.want {
			return signing.TestResult{}, v, &Error{
				Code: Digest, Found: fmt.Sprintf("%s is for the %s %q", what, f.name, f.got), Expected: fmt.Sprintf("%q", f.want),
			}
		}
	}
	return got, v, nil
}
