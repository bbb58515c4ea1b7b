package workcopy

import (
	"testing"

	"github.com/kpm-sh/kpm/internal/home"
	"github.com/kpm-sh/kpm/internal/kube"
)

// A working copy is never without an origin that describes it: the next one is
// there before the copy is.
func TestCopyAndItsOrigin(t *testing.T) {
	c := Copies{home.Home{Dir: t.TempDir()}}
	release := func(version string) *Checkout {
		k := &kube.Kube{Files: []kube.File{{Path: kube.MetaPath, Data: []byte("name: a\nversion: " + version + "\n")}}}
		k.Name = "a"
		co, err := c.Checkout(k, Origin{Version: version, Archive: "archive of a"})
		if err != nil {
			t.Fatal(err)
		}
		return co
	}
	if err := c.Commit(t.Context(), release("1.0.0")); err != nil {
		t.Fatal(err)
	}
	// A folder that is not there stops the replacement where a kill would.
	if err := c.replace("a", t.TempDir()+"/none", release("2.0.0").Origin); err == nil {
		t.Fatal("a folder that is not there replaced the copy")
	}
	next, err := readOrigin(c.Home.NextOrigin("a"))
	if err != nil || next.Version != "2.0.0" {
		t.Errorf("the next origin is of %q, %v: it has to be there before the copy", next.Version, err)
	}
	if o, ok, err := c.Origin("a"); o.Version != "1.0.0" || !ok || err != nil {
		t.Errorf("the copy in place is of %s, %v, %v, want 1.0.0", o.Version, ok, err)
	}
}
