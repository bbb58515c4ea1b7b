package client

import (
	"fmt"
	"strings"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/signing"
)

// untested says what the test results of a release, if it has any, let a user of this
// server expect: nothing, or a failure. It is "" where there is nothing to say.
func untested(name string, r index.Release, server string) string {
	var others []string
	for _, a := range r.Attestations {
		if a.Type != signing.TestResultType {
			continue
		}
		switch {
		case a.About(server) && a.Result == signing.TestPassed:
			return ""
		case a.About(server):
			return fmt.Sprintf("%s %s did not pass its test on Kubernetes %s; this is %s", name, r.Version, a.Server, server)
		case a.Result == signing.TestPassed:
			others = append(others, a.Server)
		}
	}
	if len(others) == 0 {
		return ""
	}
	return fmt.Sprintf("%s %s is tested on Kubernetes %s; this is %s", name, r.Version, strings.Join(others, ", "), server)
}
