package admit_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/admit"
	"github.com/kpm-sh/kpm/internal/kinds"
	"github.com/kpm-sh/kpm/internal/manifest"
	"github.com/kpm-sh/kpm/internal/sharedtest"
)

// moreObjects have fields that the others lack; they come first.
const moreObjects = `
apiVersion: v1
kind: Service
metadata: {name: a}
spec: {clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1], ipFamilies: [IPv4], ports: [{port: 1}]}
---
apiVersion: storage.k8s.io/v1
kind: CSINode
metadata: {name: a}
spec: {drivers: [{name: a.example, nodeID: n, topologyKeys: [a]}]}
`

// TestOddValues puts values of every sort into every place of objects of all kinds: whatever
// lies there, there is an answer.
func TestOddValues(t *testing.T) {
	texts := map[string][]byte{"": []byte(moreObjects)}
	files, err := filepath.Glob("../../packages/*/manifests/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	files = append([]string{"", "testdata/oracle/taken.yaml", "testdata/oracle/refused.yaml"}, files...)
	seen := map[string]bool{}
	for _, file := range files {
		if file != "" {
			if texts[file], err = os.ReadFile(file); err != nil {
				t.Fatal(err)
			}
		}
		objects, _ := manifest.Decode(file, texts[file])
		for _, o := range objects {
			for at, object := range sharedtest.Odd(o.Value) {
				if at = o.APIVersion + " " + o.Kind + ": " + at; !seen[at] {
					seen[at] = true
					answers(t, at, object)
				}
			}
		}
	}
	t.Logf("%d objects", len(seen))
}

func answers(t *testing.T, at string, o map[string]any) {
	t.Helper()
	defer func() {
		if fault := recover(); fault != nil {
			t.Errorf("%s: %v", at, fault)
		}
	}()
	admit.Native(o, kinds.Minors{First: oracleMinor, Last: oracleMinor})
	custom := admit.Define([]map[string]any{o})
	for defined := range custom {
		apiVersion, kind, _ := strings.Cut(defined, " ")
		custom.Judge(map[string]any{"apiVersion": apiVersion, "kind": kind, "metadata": map[string]any{"name": "a"}, "spec": o["spec"]}, kinds.Minors{First: oracleMinor, Last: oracleMinor})
	}
}
