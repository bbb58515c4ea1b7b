package main

import (
	"encoding/json"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/internal/cluster/plan"
)

// guest is somebody who works in a namespace of the control plane that nobody
// else uses.
type guest struct {
	home, namespace string
	config          string // the kubeconfig
	api             *apiServer
}

func newGuest(t *testing.T, home string) guest {
	t.Helper()
	config := controlPlane(t)
	return guest{home, namespace(), config, newAPIServer(t, config)}
}

// run runs kpm and gives what it printed on stdout and on stderr, and its exit
// code.
func (g guest) run(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := command(t.Context(), g.home, args...)
	cmd.Env = append(cmd.Env, "KUBECONFIG="+g.config, "KPM_NAMESPACE="+g.namespace)
	var notes strings.Builder
	cmd.Stderr = &notes
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out), notes.String(), cmd.ProcessState.ExitCode()
}

// must is run for what has to succeed. It gives what was printed on stdout.
func (g guest) must(t *testing.T, args ...string) string {
	t.Helper()
	stdout, stderr, code := g.run(t, args...)
	if code != exitDone {
		t.Fatalf("kpm %v: exit code %d\n%s%s", args, code, stdout, stderr)
	}
	return stdout
}

// report runs a command that changes something, and reads its report. It may
// have failed.
func (g guest) report(t *testing.T, args ...string) client.Report {
	t.Helper()
	stdout, stderr, code := g.run(t, append(args, "-y", "-o", "json")...)
	var r client.Report
	if err := json.Unmarshal([]byte(stdout), &r); err != nil || r.ExitCode != code {
		t.Fatalf("kpm %v: exit code %d, %v\n%s%s", args, code, err, stdout, stderr)
	}
	return r
}

// install installs a Kube until it is ready. Where it is refused, the report has
// an error.
func (g guest) install(t *testing.T, kube string) client.Report {
	t.Helper()
	r := g.report(t, append([]string{"install", kube, "--create-namespace"}, patience(kube)...)...)
	if r.Error == "" {
		t.Logf("%s: %d objects, planned after %.1f s, applied in %.1f s, ready after %.1f s more", kube, len(r.Objects), r.Seconds.Plan, r.Seconds.Apply, r.Seconds.Ready)
	}
	return r
}

// patience is how long an install waits. kube-prometheus brings an APIService, whose
// server never answers where pods run nothing: that is not waited for.
func patience(kube string) []string {
	if kube == "kube-prometheus" {
		return []string{"--no-wait"}
	}
	return []string{"--timeout", "2m"}
}

// settled fails the test unless what is installed is as the Kube has it, and
// stays so when it is installed again.
func (g guest) settled(t *testing.T, kube string) {
	t.Helper()
	if out := g.must(t, "diff", kube); out != "" { // ends with 1 when something differs
		t.Errorf("kpm diff %s: %s", kube, out)
	}
	again := g.report(t, append([]string{"install", kube}, patience(kube)...)...)
	if again.Error != "" {
		t.Errorf("installed again: %s", again.Error)
	}
	for _, o := range again.Objects {
		if o.Action != plan.Unchanged {
			t.Errorf("installed again: %s is %s", o.Ref, o.Action)
		}
	}
}

// leave uninstalls all of a Kube, and looks for what is left of it.
func (g guest) leave(t *testing.T, name string) {
	t.Helper()
	r := g.report(t, "uninstall", name, "--purge")
	if r.Error != "" {
		t.Errorf("uninstalling %s: %s", name, r.Error)
	}
	t.Logf("%s: gone after %.1f s", name, r.Seconds.Total)
	if _, notes, code := g.run(t, "status", name); code != exitNotFound {
		t.Errorf("status of %s afterwards: exit code %d: %s", name, code, notes)
	}
	g.nothing(t, name)
}

// nothing fails the test if there is an object of an installation.
func (g guest) nothing(t *testing.T, name string) {
	t.Helper()
	if left := g.api.labelled(t, "kpm.sh/namespace="+g.namespace+",kpm.sh/installation="+name); len(left) > 0 {
		t.Errorf("of %s there is %v", name, left)
	}
}
