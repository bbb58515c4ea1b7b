package indexer_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/indexer"
)

// TestScaffold: the settings that init writes are read as they were meant,
// whatever the repository is called.
func TestScaffold(t *testing.T) {
	for _, name := range []string{"acme", "123", "true", "null", "1e3"} {
		files, err := indexer.Scaffold(indexer.Config{Name: name, URL: "https://acme.example/", Source: "https://git.example/acme"}, "v1.2.3", false)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if f.Path != indexer.ConfigName {
				continue
			}
			got, err := indexer.ParseConfig(f.Data)
			want := indexer.Config{Name: name, URL: "https://acme.example/", Source: "https://git.example/acme", ExpiresIn: indexer.Duration(336 * time.Hour), Kubernetes: []string{"1.36"}}
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("%v; settings (-want +got):\n%s", err, diff)
			}
		}
	}
}

// TestConfigShapes: a value of another shape than its key has is told with its line.
func TestConfigShapes(t *testing.T) {
	for text, want := range map[string]string{
		"name: acme\nkubernetes: 1.36\n":         "line 2: kubernetes: it is a list of versions such as [1.35, 1.36]",
		"kubernetes: [{a: b}]\n":                 "line 1: kubernetes: it is a list of versions such as [1.35, 1.36]",
		"name: acme\nname: other\n":              "line 2: key \"name\" is there twice, first in line 1",
		"name: {a: b}\n":                         "line 1: name: it is one text",
		"expiresIn: [1h]\n":                      "line 1: expiresIn: it is one text",
		"- name\n":                               "line 1: it is no mapping such as name: acme",
		"name: null\nkubernetes: [1.36, 1.35]\n": "",
		// of several faults the first of name, url, source and kubernetes is told, each time
		"kubernetes: [new]\nsource: a\nurl: ftp://a\nname: A\n": `line 4: name: name "A": use only a-z, 0-9 and -`,
		"kubernetes: [new]\nsource: a\nurl: b\n":                `line 3: url: "b" is no address such as https://packages.example.org/`,
	} {
		_, err := indexer.ParseConfig([]byte(text))
		if got := fmt.Sprint(err); want == "" && err != nil || want != "" && got != "reading kpm-repository.yaml: "+want {
			t.Errorf("%q: got %v, want %s", text, err, want)
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
