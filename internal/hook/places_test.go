package hook

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestPlacesAreDocumented: docs/hooks.md names each place at which a strict run ends a hook,
// and those at which it does not.
func TestPlacesAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/hooks.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, place := range slices.Concat(private, temporary) {
		if !strings.Contains(string(page), "`"+place+"`") {
			t.Errorf("docs/hooks.md does not name %s", place)
		}
	}
	p := permitted{kube: "/kube"}
	for _, c := range []struct {
		file string
		what use
		ends bool
	}{
		{"/tmp/cache.json", writes, false}, {"/var/tmp/x", writes, false}, {"/dev/shm/x", writes, false}, {"/opt/x", writes, true},
		{"/tmp/secret", reads, false}, {"/opt/acme/license.key", reads, false}, {"/etc/hosts", looks, false},
		{"/etc/shadow", reads, true}, {"/root/.ssh/id_rsa", looks, true},
	} {
		if why := p.refuses(c.file, c.what); (why != "") != c.ends {
			t.Errorf("a hook that %s %s: got %q, want an end: %v", c.what, c.file, why, c.ends)
		}
	}
}
