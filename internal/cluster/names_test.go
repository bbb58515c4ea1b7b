package cluster

import (
	"errors"
	"testing"
)

// TestInstallationNames refuses names that would lead a request elsewhere.
func TestInstallationNames(t *testing.T) {
	for _, name := range []string{"", ".", "..", "a/b", "a%2fb", "a?b"} {
		c := &Cluster{Client: &Client{}}
		if _, err := c.State(t.Context(), Installation{Namespace: name, Name: "web"}); !errors.Is(err, ErrName) {
			t.Errorf("namespace %q: %v", name, err)
		}
		if _, err := c.Plan(t.Context(), nil, Request{Installation: Installation{Namespace: "ns", Name: name}}); !errors.Is(err, ErrName) {
			t.Errorf("name %q: %v", name, err)
		}
	}
}
