package kubetest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/kpm-sh/kpm/indexer/kubetest"
	"github.com/kpm-sh/kpm/signing"
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
			ran.Out = bytes.ReplaceAll(ran.Out, []byte("NAMESPACE"), []byte(c.Namespace))
			return ran, nil
		}
	}
	switch c.Verb {
	case "__contents":
		return kubetest.Ran{Out: fmt.Appendf(nil, `{"server":"v1.36.3-gke.7","kubelets":[%q],"objects":[]}`, f.kubelet)}, nil
	case "version":
		return kubetest.Ran{Out: []byte(`{"version":"1.2.3"}`)}, nil
	}
	return kubetest.Ran{Out: fmt.Appendf(nil, `{"objects":[{"kind":"ConfigMap","name":"a","namespace":%q,"action":"unchanged"}]}`, c.Namespace)}, nil
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
		"a second time changes": {"install /a.tgz", kubetest.Ran{Out: []byte(`{"objects":[{"kind":"Secret","name":"s","namespace":"NAMESPACE","action":"changed"}]}`)}, kubetest.Failed, "install again: the same install once more changes something: Secret s is changed"},
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
	of := func(r string) bool {
		return strings.Contains(r, "alone") || strings.HasPrefix(r, "__turn") || r == "__contents  default output=json"
	}
	seen := false
	for _, r := range f.ran {
		if seen && !of(r) {
			t.Errorf("%q runs beside it", r)
		}
		seen = seen || strings.HasPrefix(r, "__turn")
	}
	if !seen || !strings.HasPrefix(f.ran[len(f.ran)-1], "__turn") {
		t.Errorf("it has no turn of its own, or does not end it: %s", strings.Join(f.ran, "\n"))
	}
}

// TestNothingLeft: what others make in the cluster meanwhile is no leftover, and what
// nobody's label is on is one.
func TestNothingLeft(t *testing.T) {
	for _, c := range []struct{ object, why string }{
		{`{"kind":"ClusterRole","name":"r","of":"NAMESPACE/a"}`, "nothing left: left behind: ClusterRole r"},
		{`{"kind":"ClusterRole","name":"r","of":"NAMESPACE/base"}`, "nothing left: left behind: ClusterRole r"},
		{`{"kind":"ClusterRole","name":"r"}`, "nothing left: left behind: ClusterRole r"},
		{`{"kind":"ClusterRole","name":"r","of":"test-b-abcd2345/b"}`, ""},
		{`{"kind":"Namespace","name":"test-b-abcd2345","of":"default/test-b-abcd2345"}`, ""},
		{`{"kind":"Namespace","name":"dev"}`, ""},
		{`{"kind":"Node","name":"n"}`, ""},
		{`{"kind":"Secret","namespace":"NAMESPACE","name":"s"}`, "nothing left: left behind: Secret s"},
	} {
		f, asked := &fakeKpm{}, 0
		alone := subject("a")
		alone.Alone = true
		synctest.Test(t, func(t *testing.T) {
			results, err := kubetest.Run(t.Context(), kubetest.Options{
				Program: func(ctx context.Context, home string, command kubetest.Command) (kubetest.Ran, error) {
					ran, err := f.run(ctx, home, command)
					if command.Verb == "__contents" && command.Namespace != "default" {
						if asked++; asked > 1 {
							ran.Out = fmt.Appendf(nil, `{"server":"v1.36.3","objects":[%s]}`, strings.ReplaceAll(c.object, "NAMESPACE", command.Namespace))
						}
					}
					return ran, err
				},
				Dir: t.TempDir(), Limit: 10 * time.Minute, Now: time.Now,
			}, []kubetest.Subject{alone})
			if err != nil || results[0].Why != c.why {
				t.Errorf("%s: got %q, %v, want %q", c.object, results[0].Why, err, c.why)
			}
		})
	}
}

// TestNamedAlike: a Kube that fails has failed, whatever it calls its objects.
func TestNamedAlike(t *testing.T) {
	for _, why := range []string{"Deployment test-x-abcd2345 is not ready", "it belongs to x in namespace prod", "it belongs to x in namespace test-prod"} {
		f := &fakeKpm{instead: map[string]kubetest.Ran{"install /a.tgz": {Code: 6, Said: []byte("kpm: error: " + why + "\n")}}}
		if r := prove(t, f, subject("a"))[0]; r.Verdict != kubetest.Failed || r.Why != "install: "+why {
			t.Errorf("%s: got %s, %q", why, r.Verdict, r.Why)
		}
	}
}

// TestFoundAlone: what is seen to have objects outside of its namespace is begun anew when
// nothing else runs, and so is what another test was in the way of. Each gives one result.
func TestFoundAlone(t *testing.T) {
	inTheWay := kubetest.Ran{Code: 6, Said: []byte("kpm: error: ConfigMap shared: it belongs to x in namespace test-x-abcd2345, and there is only one in the cluster\n")}
	for name, ran := range map[string]kubetest.Ran{
		"of the cluster":    {Out: []byte(`{"objects":[{"kind":"ClusterIssuer","name":"s","action":"unchanged"}]}`)},
		"another namespace": {Out: []byte(`{"objects":[{"kind":"Role","name":"s","namespace":"kube-system","action":"unchanged"}]}`)},
		"another test":      inTheWay,
	} {
		f := &fakeKpm{instead: map[string]kubetest.Ran{"install /a.tgz": ran}}
		var told []string
		results, err := kubetest.Run(t.Context(), kubetest.Options{
			Program: f.run, Dir: t.TempDir(), Limit: time.Minute, Parallel: 2, Now: time.Now,
			Done: func(r kubetest.Result) { told = append(told, r.Name) },
		}, []kubetest.Subject{subject("a"), subject("b")})
		if err != nil {
			t.Fatal(err)
		}
		all, begun := strings.Join(f.ran, "\n"), 0
		for _, line := range f.ran {
			if strings.HasPrefix(line, "install ") && strings.Contains(line, "test-a-") && strings.HasSuffix(line, "default timeout=30s yes") {
				begun++
			}
		}
		want := kubetest.Passed
		if name == "another test" {
			want = kubetest.Unproven // it lies there still, and is no fault of a
		}
		if results[0].Verdict != want || strings.Join(told, " ") != "b a" || begun != 2 || !strings.Contains(all, "__turn") {
			t.Errorf("%s: %s, told %q, begun %d times:\n%s", name, results[0].Summary(), told, begun, all)
		}
	}
}

// TestTurn: a run waits for the turn of another one and says so; what lies in the cluster
// for tests that were killed is taken away before, and what belongs to anybody else is not.
func TestTurn(t *testing.T) {
	alone := subject("a")
	alone.Alone = true
	f := &fakeKpm{}
	var said []string
	results, err := kubetest.Run(t.Context(), kubetest.Options{
		Program: func(ctx context.Context, home string, c kubetest.Command) (kubetest.Ran, error) {
			ran, err := f.run(ctx, home, c)
			switch {
			case c.Verb == "__turn" && len(c.Flags) == 0:
				ran = kubetest.Ran{Code: 7, Said: []byte("kpm: error: other has its turn\n")}
			case c.Verb == "__contents" && c.Namespace == "default":
				ran.Out = []byte(`{"server":"v1.36.3","objects":[
					{"kind":"ClusterRole","name":"r","of":"test-x-abcd2345/x"},{"kind":"ClusterRole","name":"s","of":"test-x-abcd2345/x"},
					{"kind":"Namespace","name":"test-x-abcd2345","of":"default/test-x-abcd2345"},
					{"kind":"Namespace","name":"test-y-abcd2345","of":"default/test-y-abcd2345"},
					{"kind":"ClusterRole","name":"t","of":"test-own-abcd2345/z"},{"kind":"Namespace","name":"test-own-abcd2345"},
					{"kind":"ClusterRole","name":"u","of":"prod/u"},{"kind":"ClusterRole","name":"v"}]}`)
			}
			return ran, err
		},
		Dir: t.TempDir(), Limit: time.Minute, Now: time.Now, Say: func(text string) { said = append(said, text) },
	}, []kubetest.Subject{alone})
	if err != nil || results[0].Verdict != kubetest.Passed {
		t.Fatalf("%v, %s", err, results[0].Summary())
	}
	want := []string{"Waiting for another test that has the cluster for itself: other has its turn", "Taking away what a test left that was killed: x in namespace test-x-abcd2345"}
	if !slices.Equal(said, want) {
		t.Errorf("said %q", said)
	}
	all := strings.Join(f.ran, "\n")
	for _, line := range []string{"uninstall x test-x-abcd2345 purge", "uninstall test-x-abcd2345 default purge"} {
		if strings.Count(all, line) != 1 {
			t.Errorf("%q is not once in\n%s", line, all)
		}
	}
	for _, other := range []string{"test-y-", "test-own-", "uninstall u", "uninstall v"} {
		if strings.Contains(all, other) {
			t.Errorf("%q is in\n%s", other, all)
		}
	}
}

// TestLargeEvidence: what a Kube and a cluster say is cut to what a bundle has room for,
// between two letters.
func TestLargeEvidence(t *testing.T) {
	r := kubetest.Result{Name: "a", Version: "1.0.0", Tar: strings.Repeat("a", 64), Server: "1.36.3", Nodes: kubetest.RealNodes, Kpm: "1", Verdict: kubetest.Failed}
	for i := range 3000 {
		r.Objects = append(r.Objects, fmt.Sprintf("ConfigMap/of-the-team-%d", i))
		r.Warnings = append(r.Warnings, strings.Repeat("<", 100))
		r.Images = append(r.Images, kubetest.Image{Image: fmt.Sprintf("registry.example/team/app-%d:1.0.0", i), Digest: "sha256:" + strings.Repeat("b", 64)})
		r.With = append(r.With, fmt.Sprintf("base-%d 1.0.0", i))
		r.Steps = append(r.Steps, kubetest.Step{Name: fmt.Sprintf("tests/%d", i), Verdict: kubetest.Passed})
	}
	r.Steps = append(r.Steps, kubetest.Step{Name: "install", Verdict: kubetest.Failed})
	for n := range 4 {
		for _, letter := range []string{"x", "ä", "世", "𝛑", "\x01", "\xff"} {
			r.Why = strings.Repeat("x", n) + strings.Repeat(letter, 3000)
			_, statement, err := r.Evidence()
			if err != nil || len(statement) > signing.MaxTestResult {
				t.Fatalf("%q: %d bytes, %v", letter, len(statement), err)
			}
			got, err := signing.ParseUnsignedTestResult(statement)
			if err != nil || len(got.Run.Objects) < 100 || len(got.Run.Images) < 50 || len(got.Run.Failure) < 300 && letter != "\xff" {
				t.Errorf("%q: %d objects, %d images, %d bytes of why, %v", letter, len(got.Run.Objects), len(got.Run.Images), len(got.Run.Failure), err)
			}
		}
	}
	if text := kubetest.Markdown([]kubetest.Result{{Name: strings.Repeat("ä", 400), Why: "x" + strings.Repeat("ä", 400)}}); !utf8.ValidString(text) {
		t.Errorf("cut inside a letter: %q", text)
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
