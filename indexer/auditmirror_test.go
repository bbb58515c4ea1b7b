package indexer_test

import (
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/indexer"
)

// TestAuditOfMirror notes what mirror.json says was left out, and takes it for no excuse.
func TestAuditOfMirror(t *testing.T) {
	k := newKit(t)
	k.first()
	k.write("site/mirror.json", `{"schema":"kpm.mirror/v1","origin":"https://kubes.example.org","repository":"acme","head":"`+strings.Repeat("a", 64)+`","seq":1,"whole":true,"lacks":{"pony":[],"other":["1.0.0","1.1.0"]}}`)
	k.remove("site/kubes/pony/pony-1.0.0.tgz")
	a, err := indexer.Audit(t.Context(), k.maintain())
	if err != nil {
		t.Fatal(err)
	}
	if notes := strings.Join(a.Notes, "\n"); !strings.Contains(notes, "a mirror of https://kubes.example.org") || !strings.Contains(notes, "1 Kube and 2 releases") {
		t.Errorf("noted: %s", notes)
	}
	if len(a.Findings) == 0 {
		t.Error("an archive that is not there was excused")
	}
}
