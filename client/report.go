package client

import (
	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/plan"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
)

// reportSchema is what a report says it is.
const reportSchema = "kpm.report/v1"

// Report is what one operation on an installation has done, and how it ended, for
// programs. docs/report.md is its contract: fields are added, and never change what
// they mean. Values of Secrets and overrides are in none of them; the texts of
// others are as they came.
type Report struct {
	Schema       string            `json:"schema"`
	Command      string            `json:"command"`                // install, upgrade, rollback, uninstall
	Kube         string            `json:"kube"`                   // as it was asked for
	Installation *api.Installation `json:"installation,omitempty"` // nil: it did not come so far
	Revision     int               `json:"revision,omitempty"`     // that it made, or found to be the same
	Version      string            `json:"version,omitempty"`
	From         string            `json:"from,omitempty"` // the version that was installed before
	Repository   string            `json:"repository,omitempty"`
	Digest       string            `json:"digest,omitempty"` // of the archive
	Signer       string            `json:"signer,omitempty"`
	Verified     bool              `json:"verified"` // every byte is of a release that the repository signed
	Edited       bool              `json:"edited,omitempty"`
	Undone       bool              `json:"undone,omitempty"` // it failed, and what was before is there again

	Objects  []reported      `json:"objects"`
	Images   []ready.Image   `json:"images"`
	Warnings []string        `json:"warnings"` // of the API server
	Remains  []ready.Waiting `json:"remains"`
	Blocked  []ready.Blocked `json:"blocked"`
	Seconds  reportSeconds   `json:"seconds"`

	Dependencies []Report `json:"dependencies,omitempty"` // what was installed with it, in that order; what was not reached has the error of the whole
	Error        string   `json:"error,omitempty"`
	ExitCode     int      `json:"exitCode"`
}

// reported is what was planned for an object, and what came of it.
type reported struct {
	api.Ref
	Action plan.Action `json:"action"`
	Reason string      `json:"reason,omitempty"` // for an object that is replaced or stays
	UID    string      `json:"uid,omitempty"`
	Done   bool        `json:"done"`
	Ready  *float64    `json:"readySeconds,omitempty"` // after the first write; nil: it was not seen to be ready
}

// reportSeconds are how long the steps took; 0 for one that was not reached.
type reportSeconds struct {
	Plan  float64 `json:"plan"` // from the start: also what was downloaded, asked and run before
	Apply float64 `json:"apply"`
	Ready float64 `json:"ready"` // waiting, after all was applied
	Total float64 `json:"total"`
}
