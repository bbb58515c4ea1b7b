package admit_test

import (
	"os"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/admit"
	"github.com/kpm-sh/kpm/internal/kinds"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// unjudged are what a server refuses and we cannot know: what it costs to evaluate an
// expression in CEL.
var unjudged = map[string]bool{"crd-cel-unbounded-cost": true}

// TestVerdicts judges what a control plane of oracleMinor judged by dry runs of
// server-side apply: each object of taken.yaml is taken, each of refused.yaml refused.
func TestVerdicts(t *testing.T) {
	for file, refused := range map[string]bool{"taken": false, "refused": true} {
		data, err := os.ReadFile("testdata/oracle/" + file + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range strings.Split(string(data), "--- # ")[1:] {
			name, text, _ := strings.Cut(text, "\n")
			t.Run(file+"/"+name, func(t *testing.T) {
				objects, problems := manifest.Decode(name+".yaml", []byte(text))
				if problems.Err() != nil || len(objects) != 1 {
					t.Fatalf("%d objects, %v", len(objects), problems)
				}
				faults, known := admit.Native(objects[0].Value, kinds.Minors{First: oracleMinor, Last: oracleMinor})
				switch {
				case !known:
					t.Errorf("%s %s is not known", objects[0].APIVersion, objects[0].Kind)
				case unjudged[name]:
					if len(faults) > 0 {
						t.Errorf("is refused by now: %v", faults)
					}
				case refused && len(faults) == 0:
					t.Error("the server refuses it, and we find nothing")
				case !refused && len(faults) > 0:
					t.Errorf("the server takes it, and we say: %s %s", faults[0].Where(), faults[0].Message)
				}
			})
		}
	}
}
