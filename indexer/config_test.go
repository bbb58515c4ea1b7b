package indexer_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/indexer"
)

// TestScaffold: the settings that init writes are read as they were meant,
// whatever the repository is called.
func TestScaffold(t *testing.T) {
	for _, name := range []string{"acme", "123", "true", "null", "1e3"} {
		files, err := indexer.Scaffold(name, "https://acme.example/", "v1.2.3")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if f.Path != indexer.ConfigName {
				continue
			}
			got, err := indexer.ParseConfig(f.Data)
			want := indexer.Config{Name: name, URL: "https://acme.example/", ExpiresIn: indexer.Duration(336 * time.Hour), Kubernetes: []string{"1.36"}}
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("%v; settings (-want +got):\n%s", err, diff)
			}
		}
	}
}

func FuzzParseConfig(f *testing.F) {
	f.Add([]byte("name: acme\nexpiresIn: 336h\nkubernetes: [\"1.36\"]\n"))
	f.Add([]byte("expiresIn: soon\n"))
	f.Add([]byte("name: {a: b}\n"))
	f.Add([]byte(""))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := indexer.ParseConfig(data)
		if err != nil && (c.Name != "" || c.ExpiresIn != 0) {
			t.Errorf("an error, %v, and settings %+v", err, c)
		}
	})
}
