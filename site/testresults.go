package site

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/signing"
)

// testResult is what came of a release on one server.
type testResult struct {
	Server    string
	Passed    bool
	Simulated bool
	Bundle    string

	// What its bundle says, verified; else Problem says why that is not shown.
	Problem      string
	By           []signer
	Ready        string // "" where it never was
	Steps        []string
	Failed       []string
	Failure      string
	Warnings     []string
	MoreWarnings int
	From         string
	With         []string
	Images       []signing.TestImage
	Kpm          string
}

const (
	maxFailure  = 1500 // characters of what a page says of a failure
	maxWarning  = 300  // and of a warning
	maxWarnings = 5    // warnings and images of one result
	maxResults  = 20   // results of a release
	detailBytes = 10 << 10
)

func (t testResult) size() int {
	n := 700 + weigh(t.Problem, t.Failure, t.From) + weigh(t.Steps...) + weigh(t.Failed...) + weigh(t.Warnings...) + weigh(t.With...)
	for _, i := range t.Images {
		n += 50 + weigh(i.Image, i.Digest)
	}
	return n
}

// resultOf is what the index says of a test result.
func resultOf(a index.Attestation) testResult {
	return testResult{Server: a.Server, Passed: a.Result == signing.TestPassed, Simulated: a.Nodes == "simulated", Bundle: a.Path}
}

// openResults verifies the test results of a release, newest server first.
//
// A page has maxResults of them, and says more of as many as fit into detailBytes.
func openResults(ctx context.Context, r Repository, name string, rel index.Release) ([]testResult, error) {
	var results []testResult
	for _, a := range first(rel.TestResults(), maxResults) {
		bundle, err := r.Read(ctx, a.Path, index.Ref{SHA256: a.SHA256, Size: a.Size})
		if err != nil {
			return nil, fmt.Errorf("reading the test result of %s %s on Kubernetes %s: %w", name, rel.Version, a.Server, err)
		}
		t := resultOf(a)
		says, ids, err := r.Trust.Tested(bundle, r.Head.Repository, name, rel, a)
		if err != nil {
			t.Problem = kube.Clean(err.Error(), false)
		} else {
			t.By = signersOf(r.Trust, ids)
			t.tell(says)
		}
		results = append(results, t)
	}
	return results, nil
}

// tell adds what a verified statement says. Its texts are those of clusters and Kubes.
func (t *testResult) tell(says signing.TestResult) {
	run := says.Run
	if run.SecondsToReady > 0 {
		t.Ready = secondsText(run.SecondsToReady)
	}
	t.Steps, t.Failed, t.Kpm = says.Passed, says.Failed, says.Kpm
	t.Failure = kube.Clean(cut(run.Failure, maxFailure), true)
	t.From, t.With = run.UpgradedFrom, run.With
	for _, w := range first(run.Warnings, maxWarnings) {
		t.Warnings = append(t.Warnings, kube.Clean(cut(w, maxWarning), false))
	}
	t.MoreWarnings = len(run.Warnings) - len(t.Warnings)
	t.Images = first(run.Images, maxWarnings)
}

// secondsText is a duration for people: tenths of a second tell fast Kubes apart.
func secondsText(s float64) string {
	switch {
	case s < 10:
		return fmt.Sprintf("%.1f s", s)
	case s < 600:
		return fmt.Sprintf("%.0f s", s)
	}
	return fmt.Sprintf("%.0f min", s/60)
}

// testedText says in a few words on which versions of Kubernetes a release failed its test,
// and on which it passed.
func testedText(results []index.Attestation) string {
	if len(results) == 0 {
		return "not tested yet"
	}
	var passed, simulated, failed []string
	for _, a := range results {
		list := &passed
		switch t := resultOf(a); {
		case !t.Passed:
			list = &failed
		case t.Simulated:
			list = &simulated
		}
		if !slices.Contains(*list, a.Minor()) {
			*list = append(*list, a.Minor())
		}
	}
	var parts []string
	for _, part := range []struct {
		words string
		on    []string
	}{{"failed on ", failed}, {"tested on ", passed}, {"tested with simulated nodes on ", simulated}} {
		if len(part.on) > 0 {
			parts = append(parts, part.words+strings.Join(first(part.on, maxServers), ", "))
		}
	}
	return strings.Join(parts, "; ")
}

// maxServers are the servers that a row of a list names, the newest ones.
const maxServers = 6
