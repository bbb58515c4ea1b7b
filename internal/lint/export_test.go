package lint

import (
	"fmt"
	"strings"
)

// Table are the rules as docs/checks.md has them.
func Table() string {
	var b strings.Builder
	b.WriteString("| rule | | what it finds | example |\n|---|---|---|---|\n")
	for _, r := range rules {
		severity := "error"
		if r.Warning {
			severity = "warning"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", r.Name, severity, r.Says, r.Example)
	}
	return b.String()
}

// Names are the names of the rules.
func Names() []string {
	var names []string
	for _, r := range rules {
		names = append(names, r.Name)
	}
	return names
}
