package history

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/cluster/api"
)

// TestManyNamespaces: what many namespaces show is asked for at once, and where one may not
// ask that, of each. A UID that nothing has confirms nothing.
func TestManyNamespaces(t *testing.T) {
	f := fake(t)
	var listed []Listed
	for n := range 5 {
		i := api.Installation{Namespace: fmt.Sprintf("n%d", n), Name: "web"}
		uid := f.Put(fmt.Sprintf(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":%q,"labels":{%q:"web",%q:%[1]q}}}`, i.Namespace, api.LabelInstallation, api.LabelNamespace))
		if n == 4 {
			uid = "another"
		}
		item := api.Item{Ref: api.Ref{APIVersion: "v1", Kind: "ConfigMap", Namespace: i.Namespace, Name: "a"}, UID: uid}
		listed = append(listed, Listed{Installation: i, Installed: &Revision{Installation: i, Number: 1, witness: witnessOf([]api.Item{item})}})
	}
	for _, mayAll := range []bool{true, false} {
		var asked []string
		f.Before(func(r *http.Request) int {
			asked = append(asked, r.URL.Path)
			if r.URL.Path == "/api/v1/configmaps" && !mayAll {
				return http.StatusForbidden
			}
			return 0
		})
		live, err := witnesses(t.Context(), f.Store, listed)
		if err != nil {
			t.Fatal(err)
		}
		for n, l := range listed {
			if got, want := l.witnessed(live), n < 4; got != want {
				t.Errorf("may list all: %v: %s is confirmed: %v, want %v", mayAll, l.Installation, got, want)
			}
		}
		each := len(slices.DeleteFunc(slices.Clone(asked), func(path string) bool { return !strings.Contains(path, "/namespaces/") }))
		if want := map[bool]int{false: 5}[mayAll]; each != want || len(asked) != want+1 {
			t.Errorf("may list all: %v: asked for %q", mayAll, asked)
		}
	}
}
