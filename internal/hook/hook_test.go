package hook

import (
	"bytes"
	"os"
	"os/exec"
	"testing"

	"github.com/kpm-sh/kpm/internal/kube"
)

// TestMain lets the test binary be the program that confines itself.
func TestMain(m *testing.M) {
	if code, ok := Main(os.Args); ok {
		os.Exit(code)
	}
	os.Exit(m.Run())
}

const ponyMeta = "name: pony\nversion: 1.2.3\ndescription: A pony\n"

// pony is a Kube whose hook is script.
func pony(t testing.TB, script string) *kube.Kube {
	t.Helper()
	m, err := kube.ReadMeta([]byte(ponyMeta))
	if err != nil {
		t.Fatal(err)
	}
	return &kube.Kube{Meta: m, Files: []kube.File{
		{Path: "K3.yaml", Data: []byte(ponyMeta)},
		{Path: "manifests/a.yaml.tmpl", Data: []byte("kind: ConfigMap\n")},
		{Path: "scripts/pre-install.py", Data: []byte(script)},
	}}
}

// call is a run of script that nobody answers. Its output goes to out.
func call(t testing.TB, script string) (c Call, out *bytes.Buffer) {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3 here")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	out = &bytes.Buffer{}
	return Call{
		Kube: pony(t, script), Action: Install, Namespace: "meadow", Values: []byte(`{"color":"red"}`),
		Python: python, Self: self, TempDir: t.TempDir(), Out: out,
	}, out
}
