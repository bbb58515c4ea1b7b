//go:build unix

package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestE2EPullRequests runs the jobs of the workflow that init writes, step by step, on
// branches that strangers push to a bare repository: the good one is published, the others
// are refused. Their hooks, their versions and their folders are their own.
func TestE2EPullRequests(t *testing.T) {
	kubeconfig := os.Getenv("KPM_E2E_KUBECONFIG")
	if kubeconfig == "" {
		if os.Getenv("KPM_E2E") == "required" {
			t.Fatal("KPM_E2E_KUBECONFIG is not set")
		}
		t.Skip("no control plane: KPM_E2E_KUBECONFIG is not set")
	}
	f := newForge(t, kubeconfig)
	if said, err := f.runJob("publish", "true", "push"); err != nil {
		t.Fatalf("the first publish: %v\n%s", err, said)
	}
	for _, pull := range []struct {
		name   string
		change func()
		want   string // in what the job that refuses says; "" for a good one
	}{
		{"good", func() { f.kube("good", "") }, ""},
		{"bad", func() {
			f.kube("bad", "")
			f.write("repo/packages/bad/manifests/config.yaml", "kind: ConfigMap\n")
		}, "bad/manifests/config.yaml"},
		{"unbumped", func() {
			f.write("repo/packages/hello/README.md", "# Other words\n")
		}, "is published with other content"},
		{"thief", func() {
			f.kube("thief", "import os\nopen(os.path.expanduser('~/.ssh/id_rsa')).read()\n")
		}, "thief 1.0.0 failed: hook"},
		{"caller", func() {
			f.kube("caller", "import socket\nsocket.create_connection(('127.0.0.1', 9), 1)\n")
		}, "caller 1.0.0 failed: hook"},
		{"quiet-thief", func() {
			f.kube("quiet", "import os\ntry: open(os.path.expanduser('~/.ssh/id_rsa')).read()\nexcept OSError: pass\n")
		}, "quiet 1.0.0 failed: hook: running the hook of quiet: it reads ~/.ssh/id_rsa"},
		{"quiet-caller", func() {
			f.kube("hush", "import socket\ntry: socket.create_connection(('127.0.0.1', 9), 1)\nexcept OSError: pass\n")
		}, "hush 1.0.0 failed: hook: running the hook of hush: it opens a socket"},
		{"deleted", func() {
			f.check(os.RemoveAll(filepath.Join(f.packages(), "hello")))
			f.kube("other", "")
		}, "is published, but not in the packages folder"},
	} {
		f.git("", "checkout", "-q", "-b", pull.name, "main")
		pull.change()
		f.git("", "add", "-A")
		f.git("", "commit", "-qm", pull.name)
		f.git("", "push", "-q", "origin", pull.name)
		said, err := f.pullRequest(pull.name)
		if (err == nil) != (pull.want == "") || !strings.Contains(said, pull.want) {
			t.Errorf("%s: %v; want %q\n%s", pull.name, err, pull.want, said)
		}
		f.git("", "checkout", "-q", "main")
		if err == nil {
			f.git("", "merge", "-q", "--ff-only", pull.name)
			f.git("", "push", "-q", "origin", "main")
			if said, err := f.runJob("publish", "", "push"); err != nil || !strings.Contains(said, "released "+pull.name) {
				t.Errorf("publishing %s: %v\n%s", pull.name, err, said)
			}
		}
	}
}

// forge is a bare repository with what its CI service needs: programs, a key, a site.
type forge struct{ *strangers }

func newForge(t *testing.T, kubeconfig string) *forge {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Fatal(err)
	}
	// Version managers find Python by the home of the user.
	resolved, err := exec.Command(python, "-c", "import sys; print(sys.executable)").Output()
	if err != nil {
		t.Fatal(err)
	}
	config, err := os.ReadFile(kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	kpm, err := filepath.Abs("../../bin/kpm")
	if err != nil {
		t.Fatal(err)
	}
	self, err := exec.LookPath("kpm-indexer")
	if err != nil {
		t.Fatal(err)
	}
	f := &forge{newStrangers(t)}
	f.check(os.RemoveAll(f.repo))
	f.write(".kube/config", string(config))
	for name, text := range map[string]string{"go": "exit 0", "sudo": "exit 0"} {
		f.write("bin/"+name, "#!/bin/sh\n"+text+"\n")
		f.check(os.Chmod(filepath.Join(f.dir, "bin", name), 0o755))
	}
	f.check(os.Symlink(strings.TrimSpace(string(resolved)), filepath.Join(f.dir, "bin/python3")))
	f.check(os.Symlink(kpm, filepath.Join(filepath.Dir(self), "kpm"))) // kpm-indexer drives what lies beside it
	f.check(os.Mkdir(filepath.Join(f.dir, "www"), 0o755))
	srv := httptest.NewServer(http.FileServer(http.Dir(filepath.Join(f.dir, "www"))))
	t.Cleanup(srv.Close)
	for _, args := range [][]string{
		{"init", f.repo, "--name", "acme", "--url", srv.URL + "/"},
		{"trust", "init", "--name", "acme", "--out", filepath.Join(f.dir, "keys")},
	} {
		if said, code := f.kpmIndexer(args...); code != 0 {
			t.Fatal(said)
		}
	}
	document, err := os.ReadFile(filepath.Join(f.dir, "keys/1.json"))
	f.check(err)
	f.write("repo/trust/1.json", string(document))
	f.committed()
	f.git("", "branch", "-M", "main")
	f.git("..", "init", "-q", "--bare", "origin.git")
	f.git("", "remote", "add", "origin", filepath.Join(f.dir, "origin.git"))
	f.git("", "push", "-q", "origin", "main")
	return f
}

// kube writes a Kube, with a hook if there is a text of one.
func (f *forge) kube(name, hook string) {
	f.strangers.kube(name)
	if hook != "" {
		f.write("repo/packages/"+name+"/scripts/pre-install.py", hook)
	}
}

// pullRequest runs the jobs of a pull request on a branch of the bare repository. They
// run in a clone of it, as runJob has it, and see no key.
func (f *forge) pullRequest(branch string) (said string, err error) {
	had := f.repo
	defer func() { f.repo = had }()
	f.repo = filepath.Join(f.dir, "pull-"+branch)
	cmd := exec.Command("git", "clone", "-q", "--branch", branch, filepath.Join(f.dir, "origin.git"), f.repo)
	if out, err := cmd.CombinedOutput(); err != nil {
		return string(out), err
	}
	for _, job := range []string{"check", "test"} {
		out, err := f.runJob(job, "", "pull_request")
		if said += out; err != nil {
			return said, err
		}
	}
	return said, nil
}
