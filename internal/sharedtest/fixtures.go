package sharedtest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// Fixtures calls check with the files of each txtar of a folder of testdata, by their
// names; want is the file that check has to return.
func Fixtures(t *testing.T, folder string, check func(*testing.T, map[string][]byte) string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", folder, "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			files := map[string][]byte{}
			for _, f := range txtar.Parse(data).Files {
				files[f.Name] = f.Data
			}
			if diff := cmp.Diff(string(files["want"]), check(t, files)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
