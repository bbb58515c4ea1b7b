package client

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/cluster"
)

// controlPlane connects to the real control plane that tests are run beside, in a
// namespace that nobody uses. Without one the test is skipped.
func controlPlane(t *testing.T) *cluster.Cluster {
	t.Helper()
	path := os.Getenv("KPM_E2E_KUBECONFIG")
	if path == "" {
		if os.Getenv("KPM_E2E") == "required" {
			t.Fatal("KPM_E2E_KUBECONFIG is not set")
		}
		t.Skip("no control plane: KPM_E2E_KUBECONFIG is not set")
	}
	k, err := cluster.Connect(t.Context(), cluster.Options{
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
	write(t, filepath.Join(dir, "scripts", "pre-install.py"), "print()\n")
	how := Install{CreateNamespace: true, Holder: cluster.Here("run", "tester")}
	begin := func() (*Installing, bool) {
		in, err := c.Install(t.Context(), k, k.Namespace, Ref{Path: dir}, how)
		must(t, err)
		_, run, err := in.Hook()
		must(t, err)
		return in, run
	}
	in, run := begin()
	if !run {
		t.Fatal("a hook that never ran does not have to run")
	}
	plan, _, err := in.Plan(t.Context())
	must(t, err)
	record, err := in.record()
	must(t, err)
	record.HookFiles = map[string][]byte{"manifests/evil.yaml": []byte("apiVersion: rbac.authorization.k8s.io/v1\n" +
		"kind: ClusterRoleBinding\nmetadata: {name: " + k.Namespace + "}\n" +
		"roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}\n" +
		"subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: eve}]\n")}
	s, err := k.Begin(t.Context(), plan, record, how.Holder)
	must(t, err)
	must(t, s.Finish(t.Context(), errors.New("forged")))

	if in, run = begin(); run {
		t.Fatal("the forged record does not count, and nothing is tested")
	}
	if _, _, err = in.Plan(t.Context()); !errors.Is(err, cluster.ErrConflict) || !strings.Contains(err.Error(), "ClusterRoleBinding") {
		t.Errorf("got %v, want an ErrConflict that names the ClusterRoleBinding", err)
	}
}
