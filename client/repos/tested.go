package repos

import (
	"context"
	"fmt"
	"strings"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/trust"
)

// Tested verifies the test results of a release on the minor version of a server, with ""
// all that it has: each is signed in the role tests, and says of this release what the
// index says. Who signed is noted.
func (v *Voucher) Tested(ctx context.Context, r Release, server string) error {
	d, head, err := r.Repository.current()
	if err != nil {
		return err
	}
	for _, a := range r.TestResults() {
		if server != "" && !a.About(server) {
			continue
		}
		what := fmt.Sprintf("verifying the test result of %s %s on Kubernetes %s", r.Name, r.Version, a.Server)
		if a.Size > index.MaxBundle {
			return v.failed("test", &trust.Error{Code: trust.Size, Found: fmt.Sprintf("%s: it has %d bytes", what, a.Size)})
		}
		bundle, err := r.Repository.object(ctx, a.Path, index.Ref{SHA256: a.SHA256, Size: a.Size})
		if err != nil {
			return v.failed("test", fmt.Errorf("%s: %w", what, err))
		}
		says, ids, err := d.Tested(bundle, head.Repository, r.Name, r.Release, a)
		if err != nil {
			return v.failed("test", fmt.Errorf("%s: %w", what, err))
		}
		var names []string
		for _, id := range ids {
			names = append(names, d.Name(id)+" ("+id.String()+")")
		}
		v.passed("test", "%s on Kubernetes %s with %s nodes, signed by %s, which holds the role tests", strings.ToLower(says.Result), says.Server, says.Nodes, strings.Join(names, ", "))
	}
	return nil
}
