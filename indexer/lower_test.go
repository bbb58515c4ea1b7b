package indexer_test

import (
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/indexer"
)

// TestLower: a version below the published ones continues an older line, or is refused,
// unless what is above it is yanked.
func TestLower(t *testing.T) {
	for name, c := range map[string]struct {
		published string
		marks     string
		version   string
		than      string // "" where it is released
	}{
		"higher":                {"1.0.0", "", "1.0.1", ""},
		"lower":                 {"1.0.0", "", "0.9.0", "1.0.0"},
		"another major":         {"1.0.0 2.0.0", "", "0.9.0", "2.0.0"},
		"an older line":         {"1.9.4 2.0.0", "", "1.9.5", ""},
		"an older major":        {"1.9.4 2.0.0", "", "1.10.0", ""},
		"an older minor":        {"1.8.0 1.9.0", "", "1.8.1", ""},
		"below an older line":   {"1.9.4 2.0.0", "", "1.9.3", "1.9.4"},
		"below an older major":  {"1.9.4 2.0.0", "", "1.8.0", "1.9.4"},
		"a pre-release, late":   {"1.0.0", "", "1.0.0-rc.1", "1.0.0"},
		"a pre-release before":  {"1.0.0-rc.2", "", "1.0.0-rc.1", "1.0.0-rc.2"},
		"after a pre-release":   {"1.0.0-rc.2", "", "1.0.0", ""},
		"a mistake yanked":      {"10.0.0", "yanked: {10.0.0: a slip}\n", "1.0.0", ""},
		"a mistake revoked":     {"10.0.0", "revoked: {10.0.0: a slip}\n", "1.0.0", ""},
		"another one is yanked": {"1.0.0 1.1.0", "yanked: {1.1.0: a slip}\n", "0.9.0", "1.0.0"},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKit(t)
			for i, version := range strings.Fields(c.published) {
				k.kube("pony", version)
				if i == 0 {
					k.first()
				} else {
					k.publish()
				}
			}
			k.kube("pony", c.version)
			if c.marks != "" {
				k.releases("pony", c.marks)
			}
			if c.than == "" {
				is(t, strings.Join(k.publish().Released, ","), "pony "+c.version)
				return
			}
			_ = k.refused([]string{"pony/K3.yaml:2: version " + c.version + " is lower than " + c.than + ", which is published, and continues no older line"}, func(*indexer.Options) {})
		})
	}
}
