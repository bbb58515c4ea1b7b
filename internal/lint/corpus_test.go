package lint_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/lint"
	"github.com/kpm-sh/kpm/internal/sharedtest"
)

var update = flag.Bool("update", false, "write the verdicts on the corpus")

// TestOwnKubes judges the project's own Kubes; testdata/own.txt holds the verdicts.
func TestOwnKubes(t *testing.T) {
	compareVerdicts(t, "own.txt", filepath.Join("..", "..", "packages"), "[a-z]*")
}

// TestCorpus judges packages that other people wrote. testdata/corpus.txt holds
// the verdict on each: its errors, and how many warnings, kinds and images.
func TestCorpus(t *testing.T) {
	compareVerdicts(t, "corpus.txt", sharedtest.Path(t, "corpus"), "classic/packages/*", "jinja/packages/*", "modern/packages/*", "upgrade-chain/*/packages/*")
}

// compareVerdicts judges the folders below root and compares with a golden file.
func compareVerdicts(t *testing.T, golden, root string, patterns ...string) {
	t.Helper()
	var verdicts strings.Builder
	for _, pattern := range patterns {
		dirs, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(dirs) == 0 {
			t.Fatalf("%s: %d folders, %v", pattern, len(dirs), err)
		}
		for _, dir := range dirs {
			judge(t, &verdicts, root, dir)
		}
	}
	golden = filepath.Join("testdata", golden)
	if *update {
		if err := os.WriteFile(golden, []byte(verdicts.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(verdicts.String(), "\n")); diff != "" {
		t.Errorf("verdicts (-want +got):\n%s", diff)
	}
}

func judge(t *testing.T, out *strings.Builder, corpus, dir string) {
	t.Helper()
	k, problems := kube.ReadDir(os.DirFS(dir), filepath.Base(dir))
	facts, more := lint.Kube(t.Context(), k)
	problems = append(problems, more...)
	problems.Sort()
	name, err := filepath.Rel(corpus, dir)
	if err != nil {
		t.Fatal(err)
	}
	verdict := "ok"
	if problems.Err() != nil {
		verdict = "refused"
	}
	fmt.Fprintf(out, "%s: %s, %d warnings, %d kinds, %d images\n",
		filepath.ToSlash(name), verdict, len(problems.Warnings()), len(facts.Kinds), len(facts.Images))
	for _, p := range problems.Errors() {
		fmt.Fprintf(out, "\t%s\n", p)
	}
	if problems.Err() == nil {
		roundTrip(t, k)
	}
}

// roundTrip packs what is accepted, and gets it back.
func roundTrip(t *testing.T, k *kube.Kube) {
	t.Helper()
	var packed bytes.Buffer
	if err := k.Pack(&packed); err != nil {
		t.Errorf("%s: %v", k.Name, err)
		return
	}
	got, err := kube.Unpack(&packed, k.Name, k.Version.String())
	if err != nil {
		t.Errorf("%s: %v", k.Name, err)
		return
	}
	if !reflect.DeepEqual(k, got) { // cmp takes a minute over large files
		t.Errorf("%s comes back as another Kube", k.Name)
	}
}
