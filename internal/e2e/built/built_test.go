package built

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestVersionIsThatOfGoMod(t *testing.T) {
	root, err := Root()
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(mod), "k8s.io/kubernetes ")
	version, _, _ := strings.Cut(after, "\n")
	if flags := strings.Join(Flags(), " "); !strings.Contains(flags, "gitVersion="+version+" ") {
		t.Errorf("go.mod has %q, the stamp is %s", version, flags)
	}
}

func TestPathFollowsSources(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	path := func() string {
		t.Helper()
		got, err := Path(root, Cluster)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	write("go.mod", "old")
	write("go.sum", "old")
	for _, pkg := range packages[Cluster] {
		write(filepath.Join(pkg, "a.go"), "old")
	}
	for name, same := range map[string]bool{
		"go.sum": false, "netns/a.go": false, "cluster/b.go": false,
		"netns/a_test.go": true, "cluster/README": true, "smoke/a.go": true, "kpm-kubelet/main.go": true,
	} {
		before := path()
		write(name, "new")
		if after := path(); (after == before) != same {
			t.Errorf("writing %s: the path stays: %v, want %v", name, after == before, same)
		}
	}
}

func TestPathOfEach(t *testing.T) {
	root, err := Root()
	if err != nil {
		t.Fatal(err)
	}
	for p := range packages {
		if got, err := Path(root, p); err != nil || filepath.Base(got) != string(p) {
			t.Errorf("%s: got %s, %v", p, got, err)
		}
		if got, err := Path(t.TempDir(), p); err == nil {
			t.Errorf("%s of nothing: got %s, want an error", p, got)
		}
	}
}
