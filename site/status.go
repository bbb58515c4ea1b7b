package site

import (
	"maps"
	"slices"

	"github.com/kpm-sh/kpm/internal/index"
)

// statusRow is a Kube on the page of all test results: a cell for each minor version of
// Kubernetes.
type statusRow struct {
	Name, Version, Path string
	Cells               []statusCell
	rank                int // failed 0, passed 1, not tested 2
}

func (r statusRow) size() int { return 160 + 2*weigh(r.Name) + weigh(r.Version) + 100*len(r.Cells) }

// statusCell is what a Kube's newest release did on one minor version.
type statusCell struct {
	Server            string // "" where it was not tested
	Passed, Simulated bool
}

// maxColumns are the minor versions that the page compares, the newest ones.
const maxColumns = 8

// printStatus draws the page of all test results: what failed, then what passed, then what
// nobody tested.
func printStatus(p *printer, c *catalog) error {
	columns := minors(c.kubes)
	var list []statusRow
	var counts [3]int
	for _, k := range c.kubes {
		r := statusOf(k, columns)
		counts[r.rank]++
		list = append(list, r)
	}
	slices.SortStableFunc(list, func(a, b statusRow) int { return a.rank - b.rank })
	return paged(p, "status", "status.html", "Test results", list, map[string]any{
		"failed": counts[0], "passed": counts[1], "untested": counts[2], "columns": columns, "least": min(16+6*len(columns), mostWidth),
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
	r := statusRow{Name: k.Name, Version: k.Version, Path: kubePath(k.Name), Cells: make([]statusCell, len(columns)), rank: 2}
	for _, a := range k.results {
		t := resultOf(a)
		if r.rank = min(r.rank, 1); !t.Passed {
			r.rank = 0
		}
		if i := slices.Index(columns, a.Minor()); i >= 0 && r.Cells[i].Server == "" {
			r.Cells[i] = statusCell{Server: a.Server, Passed: t.Passed, Simulated: t.Simulated}
		}
	}
	return r
}
