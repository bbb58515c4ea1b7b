package hook

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/kube"
)

// TestPackages runs the hooks of the Kubes in packages: for an install, and for
// an upgrade, which must not change what the first made.
func TestPackages(t *testing.T) {
	t.Parallel()
	hooks, err := filepath.Glob("../../packages/*/scripts/pre-install.py")
	if err != nil || len(hooks) == 0 {
		t.Fatalf("got the hooks %v, %v", hooks, err)
	}
	for _, hook := range hooks {
		dir := filepath.Dir(filepath.Dir(hook))
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			k, problems := kube.ReadDir(os.DirFS(dir), "")
			if err := problems.Err(); err != nil {
				t.Fatal(err)
			}
			c, out := call(t, "")
			c.Kube, c.Values = k, nil
			made, err := Run(t.Context(), allowed(c))
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			for name, value := range decoded(t, made.Values) {
				if value == "" {
					t.Errorf("value %s is empty", name)
				}
			}
			c.Action, c.Previous = Upgrade, made.Files
			kept, err := Run(t.Context(), allowed(c))
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if diff := cmp.Diff(made, kept, cmp.Comparer(func(a, b error) bool { return (a == nil) == (b == nil) })); diff != "" {
				t.Errorf("the upgrade changes values (-install +upgrade):\n%s", diff)
			}
			if bytes.Contains(out.Bytes(), made.Values) {
				t.Error("it prints its values")
			}
		})
	}
}

func decoded(t *testing.T, text []byte) map[string]string {
	t.Helper()
	values := map[string]string{}
	if err := json.Unmarshal(text, &values); err != nil || len(values) == 0 {
		t.Fatalf("%s: %v, %v", text, values, err)
	}
	return values
}
