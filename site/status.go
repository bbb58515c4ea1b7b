package site

import (
	"maps"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/index"
)

// statusRow is a Kube on the page of all test results: a cell for each minor version of
// Kubernetes.
type statusRow struct {
	Name, Version, Path string
	Cells               []statusCell
	failed              bool
}

// statusCell is what a Kube's newest release did on one minor version.
type statusCell struct {
	Server            string // "" where it was not tested
	Passed, Simulated bool
}

// maxColumns are the minor versions that the page compares, the newest ones.
const maxColumns = 8

// printStatus draws the page of all test results, what failed first.
func printStatus(p *printer, c *catalog) error {
	columns := minors(c.kubes)
	var list []statusRow
	var passed, failed, untested int
	for _, k := range c.kubes {
		r := statusOf(k, columns)
		switch {
		case r.failed:
			failed++
		case len(k.results) > 0:
			passed++
		default:
			untested++
		}
		list = append(list, r)
	}
	slices.SortStableFunc(list, func(a, b statusRow) int {
		if a.failed != b.failed {
			if a.failed {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Name, b.Name)
	})
	return paged(p, "status", "status.html", "Test results", list, map[string]any{
		"passed": passed, "failed": failed, "untested": untested, "columns": columns,
	})
}

// minors are the newest minor versions of Kubernetes that any Kube was tested on, oldest
// first.
func minors(kubes []*entry) []string {
	newest := map[string]index.Attestation{} // by minor version
	for _, k := range kubes {
		for _, a := range k.results {
			newest[a.Minor()] = a
		}
	}
	all := index.Release{Attestations: slices.Collect(maps.Values(newest))}.TestResults()
	var out []string
	for _, a := range first(all, maxColumns) {
		out = append(out, a.Minor())
	}
	slices.Reverse(out)
	return out
}

func statusOf(k *entry, columns []string) statusRow {
	r := statusRow{Name: k.Name, Version: k.Version, Path: kubePath(k.Name), Cells: make([]statusCell, len(columns))}
	for _, a := range k.results {
		t := resultOf(a)
		r.failed = r.failed || !t.Passed
		if i := slices.Index(columns, a.Minor()); i >= 0 && r.Cells[i].Server == "" {
			r.Cells[i] = statusCell{Server: a.Server, Passed: t.Passed, Simulated: t.Simulated}
		}
	}
	return r
}
