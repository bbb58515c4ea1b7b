package repos

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.yaml.in/yaml/v3"
)

// Whatever is accepted as a configuration is written as one that reads the same.
func FuzzParseConfig(f *testing.F) {
	for _, s := range []string{
		"", "repositories: []\n", "repositories:\n- {alias: a, sources: ['https://x'], trust: " + somePin.String() + ", grace: 90d}\n",
		"repositories:\n- {alias: a, sources: ['file:///x', 'http://y'], identity: me, issuer: 'https://z', tokenEnv: T}\n", "a: &a [*a]\n", "consents:\n- {kube: a, digest: " + strings.Repeat("0a", 32) + ", root: " + strings.Repeat("0b", 32) + ", given: 2026-11-28T00:00:00Z}\n", "hooks: [" + strings.Repeat("0a", 32) + "]\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		cfg, err := parseConfig(data)
		if err != nil {
			return
		}
		again, err := yaml.Marshal(cfg)
		if err != nil {
			t.Fatal(err)
		}
		got, err := parseConfig(again)
		if err != nil {
			t.Fatalf("%v: %s", err, again)
		}
		if diff := cmp.Diff(cfg, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("read again (-want +got):\n%s", diff)
		}
	})
}
