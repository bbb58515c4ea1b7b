// Package findings prints what is wrong with Kubes, for people, for programs, and as
// annotations of a pull request.
package findings

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/kpm-sh/kpm/internal/kube"
)

// finding is the form of a problem in JSON. docs/checks.md is its contract.
type finding struct {
	Path     string `json:"path"`
	Line     int    `json:"line,omitempty"`
	Severity string `json:"severity"`
	Rule     string `json:"rule,omitempty"`
	Message  string `json:"message"`
}

// Write prints problems as text, json or github.
func Write(w io.Writer, form string, ps kube.Problems) error {
	switch form {
	case "json":
		return writeJSON(w, ps)
	case "github":
		return writeLines(w, ps, annotation)
	}
	return writeLines(w, ps, func(p kube.Problem) string { return kube.Clean(p.String(), false) })
}

func writeLines(w io.Writer, ps kube.Problems, line func(kube.Problem) string) error {
	for _, p := range ps {
		if _, err := fmt.Fprintln(w, line(p)); err != nil {
			return err
		}
	}
	return nil
}

func writeJSON(w io.Writer, ps kube.Problems) error {
	all := make([]finding, len(ps))
	for i, p := range ps {
		all[i] = finding{p.Path, p.Line, severity(p), p.Rule, p.Message}
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(all)
}

func severity(p kube.Problem) string {
	if p.Warning {
		return "warning"
	}
	return "error"
}

// annotation is a workflow command of GitHub Actions
// (https://docs.github.com/actions/reference/workflow-commands-for-github-actions).
func annotation(p kube.Problem) string {
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	text := fmt.Sprintf("::%s file=%s,line=%d", severity(p), property.Replace(kube.Clean(p.Path, false)), max(p.Line, 1)) // without a line GitHub shows none
	if p.Rule != "" {
		text += ",title=" + property.Replace(p.Rule)
	}
	return text + "::" + data.Replace(kube.Clean(p.Message, false))
}
