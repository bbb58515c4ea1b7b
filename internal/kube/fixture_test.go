package kube_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/kpm-sh/kpm/internal/kube"
)

var update = flag.Bool("update", false, "write what the checks say into the fixtures")

// TestFixtures holds every rule's txtar against its verdict, in the file want.
// `testdata/meta` are K3.yaml files, `testdata/releases` releases.yaml files,
// `testdata/dir` folders of a Kube called pony.
func TestFixtures(t *testing.T) {
	judges := map[string]func(fstest.MapFS) kube.Problems{
		"meta": func(files fstest.MapFS) kube.Problems {
			_, ps := kube.ParseMeta(files["K3.yaml"].Data)
			return ps
		},
		"releases": func(files fstest.MapFS) kube.Problems {
			_, ps := kube.ReadReleases(files["releases.yaml"].Data)
			return ps
		},
		"dir": func(files fstest.MapFS) kube.Problems {
			_, ps := kube.ReadDir(files, "pony")
			return ps
		},
	}
	for kind, judge := range judges {
		fixtures, err := filepath.Glob("testdata/" + kind + "/*.txtar")
		if err != nil || len(fixtures) == 0 {
			t.Fatalf("no fixtures of %s: %v", kind, err)
		}
		for _, file := range fixtures {
			t.Run(kind+"/"+filepath.Base(file), func(t *testing.T) {
				checkFixture(t, file, judge)
			})
		}
	}
}

func checkFixture(t *testing.T, file string, judge func(fstest.MapFS) kube.Problems) {
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	var want *txtar.File
	for i, f := range a.Files {
		if f.Name == "want" {
			want = &a.Files[i]
			continue
		}
		files[f.Name] = &fstest.MapFile{Data: f.Data, Mode: 0o644}
	}
	got := judge(files).Error()
	if got != "" {
		got += "\n"
	}
	if *update {
		if want == nil {
			a.Files = append(a.Files, txtar.File{Name: "want"})
			want = &a.Files[len(a.Files)-1]
		}
		want.Data = []byte(got)
		if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want == nil {
		t.Fatalf("%s has no want", file)
	}
	if diff := cmp.Diff(strings.Split(string(want.Data), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}
