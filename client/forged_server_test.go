package client

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/sharedtest"
)

// controlPlane connects to the real control plane that tests are run beside, in a
// namespace that nobody uses. Without one the test is skipped.
func controlPlane(t *testing.T) *api.Client {
	t.Helper()
	path := os.Getenv("KPM_E2E_KUBECONFIG")
	if path == "" {
		if os.Getenv("KPM_E2E") == "required" {
			t.Fatal("KPM_E2E_KUBECONFIG is not set")
		}
		t.Skip("no control plane: KPM_E2E_KUBECONFIG is not set")
	}
	k, err := api.Connect(t.Context(), api.Options{
		Kubeconfig: []string{path}, Namespace: "t-" + strings.ToLower(rand.Text()[:10]),
	})
	must(t, err)
	return k
}

// Somebody who may write Secrets in a namespace forges the record of an install
// that failed, with a file that the hook is said to have written. Who installs
// the Kube for the first time does not make him an administrator.
func TestServerForgedHookFiles(t *testing.T) {
	k := controlPlane(t)
	c := newClient(t)
	dir, err := Create(t.TempDir(), "mine")
	must(t, err)
	must(t, os.MkdirAll(filepath.Join(dir, "scripts"), 0o755))
	sharedtest.Write(t, filepath.Join(dir, "scripts", "pre-install.py"), "print()\n")
	o := Options{CreateNamespace: true, Holder: history.Here("run", "tester")}
	source, p := prepare(t, c, k, dir, o)
	if h, err := p.from.Hook(); h == nil || err != nil {
		t.Fatalf("a hook that never ran does not have to run: %v", err)
	}
	planned, err := source.Plan(t.Context(), p)
	must(t, err)
	record := planned.next
	record.HookFiles = map[string][]byte{"manifests/evil.yaml": []byte("apiVersion: rbac.authorization.k8s.io/v1\n" +
		"kind: ClusterRoleBinding\nmetadata: {name: " + k.Namespace + "}\n" +
		"roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}\n" +
		"subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: eve}]\n")}
	begun, err := begin(t.Context(), k, planned.Plan, record, o.Holder, Wait{})
	must(t, err)
	must(t, begun.end(t.Context(), errors.New("forged")))

	source, err = c.Install(t.Context(), k, k.Namespace, repos.Ref{Path: dir}, o)
	must(t, err)
	p = recordedAsIs(t, source)
	if _, err = source.Plan(t.Context(), p); !errors.Is(err, api.ErrConflict) || !strings.Contains(err.Error(), "ClusterRoleBinding") {
		t.Errorf("got %v, want an ErrConflict that names the ClusterRoleBinding", err)
	}
}

// recordedAsIs prepares a Kube with what the last record has of its hook, as if every
// object that this shaped were there.
func recordedAsIs(t *testing.T, s *Source) *Prepared {
	t.Helper()
	f := &Fetched{ID: s.ID, client: s.client, action: s.action, opened: s.local, values: s.values, earlier: s.last}
	if h, err := f.Hook(); h != nil || err != nil {
		t.Fatalf("the forged record does not count, and nothing is tested: %v", err)
	}
	p, err := f.Prepare()
	must(t, err)
	return p
}
