package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/internal/sitetest"
)

// command is kpm as a process of its own, with a home.
func command(ctx context.Context, home string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "kpm", args...)
	cmd.Env = append(os.Environ(), "KPM_HOME="+home, "HOME="+home)
	return cmd
}

// runKPM runs kpm and gives all that it printed, and its exit code.
func runKPM(t *testing.T, home string, args ...string) (string, int) {
	t.Helper()
	out, err := command(t.Context(), home, args...).CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if exit != nil {
		return string(out), exit.ExitCode()
	}
	return string(out), 0
}

func pinned(t *testing.T) (*sitetest.Site, string) {
	t.Helper()
	site := sitetest.New(t)
	site.Now = time.Now()
	site.Publish(specification()...)
	home := t.TempDir()
	if out, code := runKPM(t, home, "repo", "add", "main", site.URL, "--trust", site.Pin.String()); code != 0 {
		t.Fatal(out)
	}
	return site, home
}

// kills is how many updates are killed: more of them in `make soak`.
func kills() int {
	if os.Getenv("KPM_SOAK") != "" {
		return 60
	}
	return 5
}

// An update that is killed at any moment leaves a home in which search works and
// which the next update brings to the same state as any other.
func TestKilledUpdate(t *testing.T) {
	site, home := pinned(t)
	if out, code := runKPM(t, home, "update"); code != 0 {
		t.Fatal(out)
	}
	for i := range kills() {
		name := fmt.Sprintf("k%d", i)
		site.Publish(sitetest.Release(name, "1.0.0"))
		wait := killed(t, home, 120*time.Millisecond, "update")
		if out, code := runKPM(t, home, "search", "etcd"); code != 0 {
			t.Fatalf("search after a kill at %v: %s", wait, out)
		}
		if i%3 != 0 {
			continue // several kills without an update in between
		}
		if out, code := runKPM(t, home, "update"); code != 0 {
			t.Fatalf("update after a kill at %v: %s", wait, out)
		}
	}
	runKPM(t, home, "update")
	fresh := t.TempDir()
	runKPM(t, fresh, "repo", "add", "main", site.URL, "--trust", site.Pin.String())
	runKPM(t, fresh, "update")
	got, _ := runKPM(t, home, "search", "-o", "json")
	want, _ := runKPM(t, fresh, "search", "-o", "json")
	if got != want {
		t.Errorf("after the kills: got %s, want %s", got, want)
	}
	if out, _ := runKPM(t, home, "doctor"); strings.Contains(out, "!!  repository") {
		t.Errorf("doctor: %s", out)
	}
}

// killed starts kpm and kills it after a random part of a while.
func killed(t *testing.T, home string, while time.Duration, args ...string) time.Duration {
	t.Helper()
	cmd := command(t.Context(), home, args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	wait := time.Duration(rand.Int63n(int64(while)))
	time.AfterFunc(wait, func() { _ = cmd.Process.Kill() })
	_ = cmd.Wait() // killed, or done
	return wait
}

// A first update that is killed leaves no catalog or a whole one.
func TestKilledFirstUpdate(t *testing.T) {
	site, _ := pinned(t)
	var many []*sitetest.Edition
	for i := range 300 {
		many = append(many, sitetest.Release(fmt.Sprintf("k%d", i), "1.0.0"))
	}
	site.Publish(many...)
	for range kills() {
		home := t.TempDir()
		runKPM(t, home, "repo", "add", "main", site.URL, "--trust", site.Pin.String())
		wait := killed(t, home, 500*time.Millisecond, "update")
		out, code := runKPM(t, home, "search", "-o", "name")
		whole := code == exitDone && strings.Count(out, "\n") == 304
		if !whole && !strings.Contains(out, "was never updated") {
			t.Errorf("search after a kill at %v: exit code %d, %d lines", wait, code, strings.Count(out, "\n"))
		}
		if out, code := runKPM(t, home, "update"); code != exitDone {
			t.Errorf("update after a kill at %v: %s", wait, out)
		}
		if out, _ := runKPM(t, home, "search", "-o", "name"); strings.Count(out, "\n") != 304 {
			t.Errorf("after an update: %d Kubes", strings.Count(out, "\n"))
		}
	}
}

// A get that is killed leaves the old copy or the new one, and no edits.
func TestKilledGet(t *testing.T) {
	site, home := pinned(t)
	site.Publish(sitetest.Release("nginx-standard", "2.0.0"))
	runKPM(t, home, "update")
	for i := range kills() {
		killed(t, home, 120*time.Millisecond, "get", fmt.Sprintf("nginx-standard@%d.0.0", 1+i%2))
		if out, code := runKPM(t, home, "get", "nginx-standard@1.0.0"); code != exitDone {
			t.Errorf("get after a kill: exit code %d: %s", code, out)
		}
	}
	entries, err := os.ReadDir(home)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".kpm-") {
			t.Errorf("%s was left behind", e.Name())
		}
	}
}

// Updates and searches at once neither wait for ever, break, nor see half a
// state.
func TestSeveralAtOnce(t *testing.T) {
	site, home := pinned(t)
	if out, code := runKPM(t, home, "update"); code != 0 {
		t.Fatal(out)
	}
	site.Publish(sitetest.Release("x1", "1.0.0"), sitetest.Release("x2", "1.0.0"))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var all sync.WaitGroup
	try := func(args ...string) {
		all.Go(func() {
			out, err := command(ctx, home, args...).CombinedOutput()
			if err != nil {
				t.Errorf("kpm %v: %v: %s", args, err, out)
			}
			one, two := bytes.Contains(out, []byte("x1")), bytes.Contains(out, []byte("x2"))
			if args[0] == "search" && one != two {
				t.Errorf("half a state: %s", out)
			}
		})
	}
	for range 2 {
		try("update")
	}
	for range 10 {
		try("search", "-q")
	}
	all.Wait()
}
