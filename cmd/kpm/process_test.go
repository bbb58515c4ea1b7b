package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/client/sitetest"
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

// kills is how many updates are killed; KPM_KILLS says another number.
func kills(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("KPM_KILLS"))
	if err != nil {
		return 6
	}
	return n
}

// An update that is killed at any moment leaves a home in which search works and
// which the next update brings to the same state as any other.
func TestKilledUpdate(t *testing.T) {
	site, home := pinned(t)
	if out, code := runKPM(t, home, "update"); code != 0 {
		t.Fatal(out)
	}
	for i := range kills(t) {
		name := fmt.Sprintf("k%d", i)
		site.Publish(sitetest.Release(name, "1.0.0"))
		cmd := command(t.Context(), home, "update")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		wait := time.Duration(rand.Intn(120)) * time.Millisecond
		time.AfterFunc(wait, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait() // killed, or done
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
	if out, _ := runKPM(t, home, "doctor"); bytes.Contains([]byte(out), []byte("!!  repository")) {
		t.Errorf("doctor: %s", out)
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
