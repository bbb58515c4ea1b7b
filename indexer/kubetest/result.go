package kubetest

import (
	"fmt"
	"strings"
)

// Verdict is what was found of a Kube, or of one step of its life.
type Verdict string

// The verdicts. Unproven is none: the cluster could not be asked.
const (
	Passed   Verdict = "passed"
	Failed   Verdict = "failed"
	Skipped  Verdict = "skipped"
	Unproven Verdict = "unproven"
)

// Nodes that ran the pods.
const (
	RealNodes      = "real"
	SimulatedNodes = "simulated"
)

// Result is what was found of one Kube. Texts of the cluster and of the Kube are
// foreign.
type Result struct {
	Name     string   `json:"name"`
	Version  string   `json:"version"`
	Tar      string   `json:"tar"`
	Verdict  Verdict  `json:"verdict"`
	Why      string   `json:"why,omitempty"` // it did not pass
	Server   string   `json:"server"`        // version, as in "1.36.3"
	Nodes    string   `json:"nodes"`         // RealNodes or SimulatedNodes
	Kpm      string   `json:"kpm"`           // version of kpm
	Steps    []Step   `json:"steps"`
	Ready    float64  `json:"secondsToReady"`
	Seconds  float64  `json:"seconds"`
	Objects  []string `json:"objects"`
	Images   []Image  `json:"images"`
	Warnings []string `json:"warnings"` // of the API server
	With     []string `json:"with,omitempty"`
	From     string   `json:"upgradedFrom,omitempty"`
	Stays    []string `json:"stays,omitempty"` // in the cluster, with what holds it

	alone bool // it has to be tested alone, as only its install showed: it has objects outside of its namespace, or another test is in its way
}

// Step is one part of the life of an installation.
type Step struct {
	Name    string  `json:"name"`
	Verdict Verdict `json:"verdict"`
	Why     string  `json:"why,omitempty"`
	Said    string  `json:"said,omitempty"` // what kpm printed, with logs and events of what did not become ready
	Seconds float64 `json:"seconds"`
}

// Image is an image that pods ran, with the digest that its node pulled.
type Image struct {
	Image  string `json:"image"`
	Digest string `json:"digest,omitempty"`
}

// Judged reports whether the result says anything about the Kube, of which there is a
// tar: a folder that is no Kube has none.
func (r Result) Judged() bool {
	return r.Tar != "" && (r.Verdict == Passed || r.Verdict == Failed)
}

// Summary says in one line what was found, and what stays in the cluster.
func (r Result) Summary() string { return r.found() + r.staying() }

func (r Result) staying() string {
	if len(r.Stays) == 0 {
		return ""
	}
	return "; stays in the cluster: " + strings.Join(r.Stays, "; ")
}

func (r Result) found() string {
	id := r.id()
	switch r.Verdict {
	case Passed:
		text := fmt.Sprintf("%s passed: ready after %.1f s on Kubernetes %s", id, r.Ready, r.Server)
		if r.Nodes == SimulatedNodes {
			text += ", simulated nodes"
		}
		return text
	case Skipped:
		return fmt.Sprintf("%s is not tested: %s", id, r.Why)
	case Unproven:
		return fmt.Sprintf("%s could not be tested: %s", id, r.Why)
	}
	return fmt.Sprintf("%s failed: %s", id, r.Why)
}

// id is the name, and the version where one could be read.
func (r Result) id() string { return strings.TrimSpace(r.Name + " " + r.Version) }

// Failure is the step that failed, if one did.
func (r Result) Failure() (Step, bool) {
	for _, s := range r.Steps {
		if s.Verdict == Failed || s.Verdict == Unproven {
			return s, true
		}
	}
	return Step{}, false
}

// named are the names of the steps with a verdict.
func (r Result) named(v Verdict) []string {
	names := []string{}
	for _, s := range r.Steps {
		if s.Verdict == v {
			names = append(names, s.Name)
		}
	}
	return names
}

// serverVersion is a version of a server without what its vendor adds.
func serverVersion(said string) string {
	v := strings.TrimPrefix(said, "v")
	if i := strings.IndexAny(v, "-+"); i >= 0 {
		v = v[:i]
	}
	return v
}

// nodesOf tells real nodes from those that KWOK or kubemark pretend to run.
func nodesOf(kubelets []string) string {
	for _, v := range kubelets {
		if strings.HasPrefix(v, "kwok-") || strings.HasPrefix(v, "fake") {
			return SimulatedNodes
		}
	}
	return RealNodes
}
