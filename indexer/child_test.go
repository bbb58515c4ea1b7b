package indexer_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/indexer"
)

// What the environment says to a test binary that is to publish, and nothing
// else.
const (
	childKit   = "KPM_TEST_KIT"   // folder of the kit
	childNow   = "KPM_TEST_NOW"   // clock, in seconds
	childFirst = "KPM_TEST_FIRST" // not empty: a first publish
	childLimit = "KPM_TEST_LIMIT" // most bytes of a file that it can write
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childKit); dir != "" {
		os.Exit(publishAsChild(dir))
	}
	os.Exit(m.Run())
}

func publishAsChild(dir string) int {
	k := kitIn(dir)
	sec := must(strconv.ParseInt(os.Getenv(childNow), 10, 64))
	k.now = time.Unix(sec, 0)
	o := k.options()
	if os.Getenv(childFirst) != "" {
		o.First, o.Trust = true, k.trust
	}
	if text := os.Getenv(childLimit); text != "" {
		limitFiles(must(strconv.ParseUint(text, 10, 64)))
	}
	if _, err := indexer.Publish(context.Background(), o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// child is a process that publishes the kit, an hour after the last time.
func (k *kit) child(env ...string) *exec.Cmd {
	k.now = k.now.Add(time.Hour)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childKit+"="+k.dir, fmt.Sprintf("%s=%d", childNow, k.now.Unix()))
	cmd.Env = append(cmd.Env, env...)
	return cmd
}

// TestKilled kills a publisher at random moments. What clients see afterwards
// is the state before or the one after, whole, and the same build succeeds.
func TestKilled(t *testing.T) {
	rounds := 5
	if os.Getenv("KPM_SOAK") != "" {
		rounds = 60
	}
	k := newKit(t)
	const kubes = 12
	herd := func(version string) {
		for i := range kubes {
			k.kube(fmt.Sprintf("kube-%d", i), version)
		}
	}
	herd("0.0.1")
	first := childFirst + "=1"
	whole := killAfter(t, k.child(first), time.Minute)
	k.remove("site")
	killed := 0
	for range rounds {
		killAfter(t, k.child(first), moment(whole))
		if _, err := os.Stat(k.site + "/v1/index.json"); errors.Is(err, os.ErrNotExist) {
			killed++
			k.first()
		}
		k.audit()
		k.remove("site")
	}
	k.first()
	for round := range rounds {
		herd(fmt.Sprintf("0.1.%d", round))
		old := k.head()
		killAfter(t, k.child(), moment(whole))
		k.audit()
		after := k.head()
		switch after.Seq {
		case old.Seq:
			killed++
		case old.Seq + 1:
		default:
			t.Fatalf("publish %d follows %d", after.Seq, old.Seq)
		}
		k.publish()
		k.audit()
		if got, want := k.head().Seq, after.Seq+1; got != want {
			t.Fatalf("publish %d follows %d", got, want)
		}
		if got := k.client().lines["kube-3"].Version; got != fmt.Sprintf("0.1.%d", round) {
			t.Errorf("kube-3 is %s", got)
		}
		noLeftovers(t, k)
	}
	t.Logf("%d of %d publishers died before their end, which takes %s", killed, 2*rounds, whole)
}

// moment is a random one of what a whole run takes, most often after its start.
func moment(whole time.Duration) time.Duration {
	return whole/4 + rand.N(whole)
}

// killAfter kills a process after some time, unless it ends before, and says
// how long it ran.
func killAfter(t *testing.T, cmd *exec.Cmd, d time.Duration) time.Duration {
	t.Helper()
	start := time.Now()
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(d, func() { _ = cmd.Process.Kill() })
	defer kill.Stop()
	_ = cmd.Wait() // it was killed, or not
	return time.Since(start)
}

// noLeftovers fails if a dotfile lies in the site, but for the lock.
func noLeftovers(t *testing.T, k *kit) {
	t.Helper()
	for path := range tree(t, k.site) {
		for i, c := range path {
			if c == '.' && (i == 0 || path[i-1] == '/') {
				t.Errorf("%s is left over", path)
			}
		}
	}
}

// TestObstructed puts a folder where a publish wants to write, at each of its
// files in turn. It fails, and what is published stays whole.
func TestObstructed(t *testing.T) {
	k := newKit(t)
	k.first()
	before := tree(t, k.site)
	old := k.dir + "/old"
	copyTree(t, k.site, old)
	k.kube("pony", "1.1.0")
	k.kube("horse", "1.0.0")
	k.publish()
	paths := added(before, tree(t, k.site))
	headCopy := k.headCopy()
	if len(paths) < 8 {
		t.Fatalf("a publish of two Kubes writes %v", paths)
	}
	now := k.now.Add(-time.Hour)
	for _, path := range paths {
		if path == headCopy {
			continue // of a publish that is done
		}
		k.remove("site")
		copyTree(t, old, k.site)
		k.write("site/"+path+"/in/the/way", "")
		k.now = now
		if _, err := k.try(); err == nil {
			t.Errorf("%s cannot be written, and the publish succeeds", path)
		}
		after := tree(t, k.site)
		for path, d := range before {
			if after[path] != d {
				t.Errorf("%s changed", path)
			}
		}
		k.audit()
		k.remove("site/" + path)
		k.publish()
		k.audit()
		noLeftovers(t, k)
	}
}
