package cluster

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/apply"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	. "github.com/kpm-sh/kpm/internal/cluster/plan"
)

func (p place) begin(plan *Plan) *Session {
	p.t.Helper()
	s, err := p.Begin(p.t.Context(), plan, history.Record{Action: "install", Version: "1.0.0"}, p.here)
	if err != nil {
		p.t.Fatal(err)
	}
	return s
}

// TestServerTwoAtOnce has two runs install the same: one is told that its plan
// is outdated, waits, and finds nothing left to do.
func TestServerTwoAtOnce(t *testing.T) {
	p := somewhere(t)
	one, two := p.plan(webV1, Request{}), p.plan(webV1, Request{})
	s := p.begin(one)
	if _, err := p.Begin(t.Context(), two, history.Record{}, history.Here("second", "other")); !errors.Is(err, api.ErrStale) || !errors.Is(err, api.ErrConflict) {
		t.Errorf("the second begins with %v", err)
	}
	told := make(chan history.Revision, 1)
	settled := make(chan error, 1)
	go func() {
		_, err := p.history.AwaitIdle(t.Context(), p.id, history.Here("second", "other"), 0, func(r history.Revision) { told <- r })
		settled <- err
	}()
	if r := <-told; r.Holder.User != "tester" {
		t.Errorf("it waits for %+v", r.Holder)
	}
	outcome := s.Apply(t.Context(), nil)
	if err := errors.Join(outcome, s.Finish(t.Context(), outcome), <-settled); err != nil {
		t.Fatal(err)
	}
	if again := p.plan(webV1, Request{}); !again.Empty() || again.Base != 1 {
		t.Errorf("the second's plan is\n%s", summary(again))
	}
}

// TestServerHolderLives waits in vain for a holder that is at work.
func TestServerHolderLives(t *testing.T) {
	p := somewhere(t)
	p.history.Stale = time.Second
	s := p.begin(p.plan(settings, Request{}))
	ctx, cancel := context.WithTimeout(t.Context(), 2*p.history.Stale)
	defer cancel()
	if _, err := p.history.AwaitIdle(ctx, p.id, p.here, 0, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("settled with %v", err)
	}
	p.history.Beat = 100 * time.Millisecond
	if _, err := p.history.AwaitIdle(t.Context(), p.id, p.here, time.Millisecond, nil); !errors.Is(err, api.ErrTimeout) || !errors.Is(err, api.ErrBusy) {
		t.Errorf("out of patience: settled with %v", err)
	}
	if err := s.Finish(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

// TestServerHolderStandsStill takes over from a holder that went silent, on
// another host. The holder stops before its next write.
func TestServerHolderStandsStill(t *testing.T) {
	p := somewhere(t)
	p.history.Beat, p.history.Stale = time.Hour, time.Second
	s := p.begin(p.plan(settings, Request{}))
	q := p
	q.Cluster = connect(t, api.Options{})
	q.history.Stale = time.Second
	state, err := q.history.AwaitIdle(t.Context(), q.id, history.Holder{Host: "elsewhere", Boot: "other"}, 0, nil)
	if err != nil || state.Revisions[0].Status != history.Interrupted {
		t.Fatalf("settled with %+v, %v", state, err)
	}
	err = s.Apply(t.Context(), nil)
	if !errors.Is(err, api.ErrConflict) || !strings.Contains(err.Error(), "took over") {
		t.Errorf("the holder goes on with %v", err)
	}
	if p.live("v1 ConfigMap settings") != nil {
		t.Error("the holder has written")
	}
	if err := s.Finish(t.Context(), err); !errors.Is(err, api.ErrConflict) {
		t.Errorf("the holder ends with %v", err)
	}
	q.install(settings, Request{})
	if s := q.state(); s.Newest() != 2 || s.Installed().Number != 2 {
		t.Errorf("afterwards %+v", s.Revisions)
	}
}

// TestServerKilled kills a process in the middle of an install, for every event
// there is, and runs the same again.
func TestServerKilled(t *testing.T) {
	events := 7
	if testing.Short() {
		events = 2
	}
	for at := range events {
		p := somewhere(t)
		p.killAt(at)
		state, err := p.history.AwaitIdle(t.Context(), p.id, p.here, 0, nil)
		if err != nil || state.Revisions[0].Status != history.Interrupted {
			t.Fatalf("event %d: settled with %+v, %v", at, state.Revisions, err)
		}
		if at == events-1 {
			left := p.uninstall(Request{Purge: true})
			t.Logf("uninstalled after the kill:\n%s", summary(left))
			continue
		}
		p.install(webV1, Request{})
		if again := p.plan(webV1, Request{}); !again.Empty() {
			t.Errorf("event %d: the plan afterwards is\n%s", at, summary(again))
		}
	}
}

// killAt runs an install in a child, and kills it after so many events.
func (p place) killAt(at int) {
	p.t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestServerKilledChild$")
	cmd.Env = append(os.Environ(), "KPM_TEST_INSTALL="+p.id.Namespace)
	out, err := cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for seen := 0; lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "event ") {
			if seen == at {
				break
			}
			seen++
			_, _ = in.Write([]byte("\n"))
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
	_ = cmd.Wait() // killed
}

// TestServerKilledChild is the child of TestServerKilled.
func TestServerKilledChild(t *testing.T) {
	namespace := os.Getenv("KPM_TEST_INSTALL")
	if namespace == "" {
		t.Skip("it is the child of TestServerKilled")
	}
	p := place{connect(t, api.Options{}), nil, t, api.Installation{Namespace: namespace, Name: "web"}, history.Here("child", "child")}
	s := p.begin(p.plan(webV1, Request{}))
	err := s.Apply(t.Context(), func(e apply.Event) {
		_, _ = os.Stdout.WriteString("event " + e.String() + "\n")
		_, _ = os.Stdin.Read(make([]byte, 1)) // the parent lets it go on, or kills it; others under way go on meanwhile
	})
	t.Log(errors.Join(err, s.Finish(t.Context(), err)))
}
