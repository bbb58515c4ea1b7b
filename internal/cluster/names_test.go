package cluster

import (
	"errors"
	"testing"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	. "github.com/kpm-sh/kpm/internal/cluster/plan"
)

// TestInstallationNames refuses names that would lead a request elsewhere.
func TestInstallationNames(t *testing.T) {
	for _, name := range []string{"", ".", "..", "a/b", "a%2fb", "a?b"} {
		c := newCluster(&api.Client{})
		if _, err := c.State(t.Context(), api.Installation{Namespace: name, Name: "web"}); !errors.Is(err, api.ErrName) {
			t.Errorf("namespace %q: %v", name, err)
		}
		if _, err := c.Plan(t.Context(), nil, Request{Installation: api.Installation{Namespace: "ns", Name: name}}); !errors.Is(err, api.ErrName) {
			t.Errorf("name %q: %v", name, err)
		}
	}
}
