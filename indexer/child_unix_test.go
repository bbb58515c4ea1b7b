//go:build unix

package indexer_test

import (
	"bytes"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"
)

// limitFiles makes every write fail that would make a file larger.
func limitFiles(most uint64) {
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: most, Max: most}); err != nil {
		panic(err)
	}
}

// TestShortWrites lets each file of a publish be one byte too large in turn.
func TestShortWrites(t *testing.T) {
	k := newKit(t)
	k.first()
	before := tree(t, k.site)
	old := k.dir + "/old"
	copyTree(t, k.site, old)
	k.kube("pony", "1.1.0")
	k.publish()
	sizes := []int64{1}
	for _, path := range append(added(before, tree(t, k.site)), "v1/index.json") {
		sizes = append(sizes, must(os.Stat(k.site+"/"+path)).Size())
	}
	slices.Sort(sizes)
	now := k.now.Add(-time.Hour)
	for _, size := range slices.Compact(sizes) {
		k.remove("site")
		copyTree(t, old, k.site)
		k.now = now
		var stderr bytes.Buffer
		cmd := k.child(fmt.Sprintf("%s=%d", childLimit, size-1))
		cmd.Stderr = &stderr
		if err := cmd.Run(); err == nil || !bytes.Contains(stderr.Bytes(), []byte("file too large")) {
			t.Errorf("files of at most %d bytes: %v: %s", size-1, err, &stderr)
		}
		after := tree(t, k.site)
		for path, d := range before {
			if after[path] != d {
				t.Errorf("files of at most %d bytes: %s changed", size-1, path)
			}
		}
		k.audit()
		k.publish()
		k.audit()
	}
}

// TestMemory: what a publish holds does not grow with the archives.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a while")
	}
	const most = 100 << 20
	kubes := 400
	if os.Getenv("KPM_SOAK") != "" {
		kubes = 2000
	}
	k := newKit(t)
	small := maxrss(t, k, childFirst+"=1")
	for i := range kubes {
		k.kube(fmt.Sprintf("kube-%d", i), "1.0.0")
	}
	large := maxrss(t, k)
	again := maxrss(t, k)
	t.Logf("1 Kube: %d MiB; %d Kubes: %d MiB, unchanged %d MiB", small>>20, kubes, large>>20, again>>20)
	if large-small > most || again-small > most {
		t.Errorf("%d Kubes take more than %d MiB", kubes, most>>20)
	}
	if got := k.head().Kubes; got != int64(kubes)+1 {
		t.Errorf("published %d Kubes", got)
	}
}

// maxrss is the most memory, in bytes, that a child holds while it publishes.
func maxrss(t *testing.T, k *kit, env ...string) int64 {
	t.Helper()
	cmd := k.child(env...)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	n := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
	if runtime.GOOS == "darwin" {
		return int64(n) //nolint:unconvert // 32 bits on some systems
	}
	return int64(n) << 10 //nolint:unconvert // 32 bits on some systems
}
