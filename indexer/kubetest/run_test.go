package kubetest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/indexer/kubetest"
)

// fakeKpm answers as kpm does of a sound Kube, but for the commands that it is told
// otherwise of. What a real kpm does is tested in cmd/kpm-indexer, on a control plane.
type fakeKpm struct {
	mu      sync.Mutex
	ran     []string
	instead map[string]kubetest.Ran // by command
	kubelet string
}

func (f *fakeKpm) run(_ context.Context, _ string, c kubetest.Command) (kubetest.Ran, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	line := strings.Join(append([]string{c.Verb, c.Operand, c.Namespace}, c.Flags...), " ")
	f.ran = append(f.ran, line)
	for command, ran := range f.instead {
		if strings.HasPrefix(line, command) {
			return ran, nil
		}
	}
	switch c.Verb {
	case "__contents":
		return kubetest.Ran{Out: fmt.Appendf(nil, `{"server":"v1.36.3-gke.7","kubelets":[%q],"objects":[]}`, f.kubelet)}, nil
	case "version":
		return kubetest.Ran{Out: []byte(`{"version":"1.2.3"}`)}, nil
	}
	return kubetest.Ran{Out: []byte(`{"objects":[{"kind":"ConfigMap","name":"a","action":"unchanged"}]}`)}, nil
}

func prove(t *testing.T, f *fakeKpm, subjects ...kubetest.Subject) []kubetest.Result {
	t.Helper()
	results, err := kubetest.Run(t.Context(), kubetest.Options{
		Program: f.run, Dir: t.TempDir(), Limit: time.Minute, Parallel: 2, Now: func() time.Time { return time.Unix(0, 0) },
	}, subjects)
	if err != nil {
		t.Fatal(err)
	}
	return results
}

func subject(name string) kubetest.Subject {
	return kubetest.Subject{Name: name, Version: "1.0.0", Tar: strings.Repeat("a", 64), Archive: "/" + name + ".tgz"}
}

// TestVerdicts: a fault of the Kube is one, and a cluster that does not answer is none.
func TestVerdicts(t *testing.T) {
	for name, c := range map[string]struct {
		command string
		ran     kubetest.Ran
		want    kubetest.Verdict
		why     string
	}{
		"sound":                 {"none", kubetest.Ran{}, kubetest.Passed, ""},
		"refused":               {"install /a.tgz", kubetest.Ran{Code: 6, Said: []byte("kpm: error: a conflict\n  next: x\n")}, kubetest.Failed, "install: a conflict"},
		"unreachable":           {"install /a.tgz", kubetest.Ran{Code: 8, Said: []byte("kpm: error: no route\n")}, kubetest.Unproven, "install: no route"},
		"a second time changes": {"install /a.tgz", kubetest.Ran{Out: []byte(`{"objects":[{"kind":"Secret","name":"s","action":"changed"}]}`)}, kubetest.Failed, "install again: the same install once more changes something: Secret s is changed"},
		"it stays":              {"uninstall a test-a", kubetest.Ran{Out: []byte(`{"remains":[{"kind":"Secret","name":"s","why":"a finalizer"}]}`)}, kubetest.Failed, "uninstall: left behind: Secret s (a finalizer)"},
		"nothing":               {"install /a.tgz", kubetest.Ran{}, kubetest.Unproven, "install: kpm install: it answered nothing"},
		"no JSON":               {"install /a.tgz", kubetest.Ran{Out: []byte(`{`)}, kubetest.Unproven, "install: kpm install: its answer is no JSON: unexpected end of JSON input"},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fakeKpm{instead: map[string]kubetest.Ran{c.command: c.ran}, kubelet: "v1.36.3"}
			r := prove(t, f, subject("a"))[0]
			if r.Verdict != c.want || r.Why != c.why {
				t.Errorf("got %s, %q, want %s, %q", r.Verdict, r.Why, c.want, c.why)
			}
			if r.Server != "1.36.3" || r.Nodes != kubetest.RealNodes || r.Kpm != "1.2.3" {
				t.Errorf("got %+v", r)
			}
			last := f.ran[len(f.ran)-1]
			if !strings.HasPrefix(last, "uninstall test-a-") || !strings.Contains(last, " default purge") {
				t.Errorf("the namespace stays: %s", last)
			}
		})
	}
}

// TestTimeIsUp: a Kube that takes longer than it may has failed, also when kpm had to be
// stopped for it.
func TestTimeIsUp(t *testing.T) {
	f := &fakeKpm{kubelet: "v1.36.3"}
	hangs := func(ctx context.Context, home string, c kubetest.Command) (kubetest.Ran, error) {
		if c.Verb == "install" && c.Operand == "/a.tgz" {
			<-ctx.Done()
			return kubetest.Ran{}, errors.New("signal: interrupt")
		}
		return f.run(ctx, home, c)
	}
	results, err := kubetest.Run(t.Context(), kubetest.Options{
		Program: hangs, Dir: t.TempDir(), Limit: time.Millisecond, Parallel: 1, Now: time.Now,
	}, []kubetest.Subject{subject("a")})
	if err != nil {
		t.Fatal(err)
	}
	if r := results[0]; r.Verdict != kubetest.Failed || r.Why != "install: it took longer than it may: kpm install was stopped" {
		t.Errorf("got %s, %q", r.Verdict, r.Why)
	}
}

// TestStays: what cannot be taken away is named with what holds it, in each form of the
// result, and the verdict stays what it was; no wait for it goes on for the whole limit.
func TestStays(t *testing.T) {
	s := subject("a")
	s.Needs = []kubetest.Archive{{Name: "base", Version: "1.0.0", Path: "/base.tgz"}}
	f := &fakeKpm{kubelet: "v1.36.3", instead: map[string]kubetest.Ran{
		"uninstall base":    {Code: 1, Said: []byte("kpm: error: ConfigMap base: held by the finalizers a.io/x\n"), Out: []byte("{}")},
		"uninstall test-a-": {Out: []byte(`{"remains":[{"kind":"Namespace","name":"test-a-1","why":"with it would go what belongs to base"}]}`)},
	}}
	r := prove(t, f, s)[0]
	if r.Verdict != kubetest.Passed || len(r.Stays) != 2 {
		t.Fatalf("got %s, %q", r.Verdict, r.Stays)
	}
	junit, err := kubetest.JUnit([]kubetest.Result{r})
	if err != nil {
		t.Fatal(err)
	}
	for form, text := range map[string]string{"summary": r.Summary(), "junit": string(junit), "markdown": kubetest.Markdown([]kubetest.Result{r})} {
		for _, want := range []string{"Namespace test-a-1 (with it would go what belongs to base)", "held by the finalizers a.io/x"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q is not in\n%s", form, want, text)
			}
		}
	}
	for _, line := range f.ran {
		if strings.HasPrefix(line, "uninstall base") && !strings.Contains(line, "timeout=4s") { // of the quarter of a minute, by 4
			t.Errorf("got %s", line)
		}
	}
}

// TestCleaningInTime: what takes away what is left has its time within the limit.
func TestCleaningInTime(t *testing.T) {
	f, began := &fakeKpm{kubelet: "v1.36.3"}, time.Now()
	const limit = 10 * time.Minute
	_, err := kubetest.Run(t.Context(), kubetest.Options{
		Program: func(ctx context.Context, home string, c kubetest.Command) (kubetest.Ran, error) {
			end, ok := ctx.Deadline()
			if c.Verb == "install" && (!ok || end.Sub(began) > limit-30*time.Second) {
				t.Errorf("%s %s may take until %s", c.Verb, c.Operand, end.Sub(began))
			}
			return f.run(ctx, home, c)
		},
		Dir: t.TempDir(), Limit: limit, Now: time.Now,
	}, []kubetest.Subject{subject("a")})
	if err != nil {
		t.Fatal(err)
	}
}

// TestAlone: what has objects of the whole cluster runs after all others.
func TestAlone(t *testing.T) {
	alone := subject("alone")
	alone.Alone = true
	f := &fakeKpm{kubelet: "kwok-0.8.0"}
	results := prove(t, f, alone, subject("b"), subject("c"))
	if results[0].Name != "alone" || results[0].Nodes != kubetest.SimulatedNodes {
		t.Errorf("got %+v", results[0])
	}
	of := func(r string) bool { return strings.Contains(r, "alone") }
	seen := false
	for _, r := range f.ran {
		if seen && !of(r) {
			t.Errorf("%q runs beside it", r)
		}
		seen = seen || of(r)
	}
}

// TestMarkdown: nothing that a Kube or a cluster says is markup in a summary.
func TestMarkdown(t *testing.T) {
	f := &fakeKpm{instead: map[string]kubetest.Ran{"install /a.tgz": {Code: 1, Said: []byte("kpm: error: <b>|x|\n</pre><script>\x1b\n")}}}
	results := prove(t, f, subject("a"))
	text := kubetest.Markdown(results)
	for _, bad := range []string{"<b>", "<script>", "\x1b", ": <b>|x|"} {
		if strings.Contains(text, bad) {
			t.Errorf("%q is in\n%s", bad, text)
		}
	}
	junit, err := kubetest.JUnit(results)
	if err != nil || !strings.Contains(string(junit), `failures="1"`) || strings.Contains(string(junit), "\x1b") {
		t.Errorf("%s %v", junit, err)
	}
	name, statement, err := results[0].Evidence()
	if err != nil || name != strings.Repeat("a", 64)+"-1.36.3.json" || !strings.Contains(string(statement), `"result":"FAILED"`) {
		t.Errorf("%s %s %v", name, statement, err)
	}
}

// TestRefused: what is refused before a cluster is asked has failed, beside others that
// are proven; of a folder that is no Kube there is nothing to sign.
func TestRefused(t *testing.T) {
	a, b := subject("a"), subject("b")
	a.Refused = &kubetest.Step{Name: "needs", Verdict: kubetest.Failed, Why: "a needs c, and there is none"}
	none := kubetest.Subject{Name: "none", Refused: &kubetest.Step{Name: "lint", Verdict: kubetest.Failed, Why: "no K3.yaml"}}
	f := &fakeKpm{}
	results := prove(t, f, a, b, none)
	for i, want := range []string{
		"a 1.0.0 failed: needs: a needs c, and there is none",
		"b 1.0.0 passed: ready after 0.0 s on Kubernetes 1.36.3",
		"none failed: lint: no K3.yaml",
	} {
		if got := results[i].Summary(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if !results[0].Judged() || results[2].Judged() {
		t.Error("a folder without a tar is judged, or a Kube is not")
	}
	if ran := strings.Join(f.ran, "\n"); strings.Contains(ran, "/a.tgz") {
		t.Errorf("what is refused was installed:\n%s", ran)
	}
	_, statement, err := results[0].Evidence()
	if err != nil || !strings.Contains(string(statement), `"failedTests":["needs"]`) {
		t.Errorf("%s %v", statement, err)
	}
}

// TestInterrupted: who interrupts a run is told so, and no other Kube is begun.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	f, began := &fakeKpm{}, 0
	_, err := kubetest.Run(ctx, kubetest.Options{
		Program: func(ctx context.Context, home string, c kubetest.Command) (kubetest.Ran, error) {
			if c.Verb == "install" && strings.HasSuffix(c.Operand, ".tgz") {
				began++
				cancel()
				return kubetest.Ran{Code: 130, Said: []byte("kpm: error: interrupted\n")}, nil
			}
			return f.run(ctx, home, c)
		},
		Dir: t.TempDir(), Limit: time.Minute, Parallel: 1, Now: time.Now,
	}, []kubetest.Subject{subject("a"), subject("b")})
	if !errors.Is(err, context.Canceled) || began != 1 {
		t.Errorf("%d were begun: %v", began, err)
	}
}

// TestOtherServer: what is meant for one version of Kubernetes is run on no other.
func TestOtherServer(t *testing.T) {
	for server, want := range map[string]string{"1.36": "", "1.37": "servers of Kubernetes 1.37 are meant, and the cluster runs 1.36.3", "1.3": "servers of Kubernetes 1.3 are meant, and the cluster runs 1.36.3"} {
		f, got := &fakeKpm{}, ""
		if _, err := kubetest.Run(t.Context(), kubetest.Options{Program: f.run, Dir: t.TempDir(), Limit: time.Minute, Server: server, Now: time.Now}, nil); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", server, got, want)
		}
	}
}

// TestNoKpm: a program that is no kpm proves nothing.
func TestNoKpm(t *testing.T) {
	for said, why := range map[string]string{"": "it answered nothing", "{}": "what is driven is no kpm"} {
		_, err := kubetest.Run(t.Context(), kubetest.Options{
			Program: func(context.Context, string, kubetest.Command) (kubetest.Ran, error) {
				return kubetest.Ran{Out: []byte(said)}, nil
			},
			Dir: t.TempDir(), Limit: time.Minute, Now: time.Now,
		}, []kubetest.Subject{subject("a")})
		if err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("got %v, want %s", err, why)
		}
	}
}
