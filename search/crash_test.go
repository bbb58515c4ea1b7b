package search_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"

	"github.com/kpm-sh/kpm/search"
)

// writerProcess names the folder in which a copy of this test binary updates
// without end, by the verb in writerVerb, until it is killed.
const (
	writerProcess = "KPM_SEARCH_TEST_WRITER"
	writerVerb    = "KPM_SEARCH_TEST_VERB"
)

func TestWriterProcess(t *testing.T) {
	s := search.Store{Dir: os.Getenv(writerProcess)}
	if s.Dir == "" {
		t.Skip("runs in a process of its own")
	}
	fmt.Println("ready")
	for rev := int64(2); ; rev++ {
		err := update(t, s, func(w *search.Writer) error {
			lines, state := revised(t, rev), []byte(strconv.FormatInt(rev, 10))
			if os.Getenv(writerVerb) == "apply" {
				return w.Apply(context.Background(), lines[:10], state)
			}
			return w.Replace(context.Background(), each(lines), state)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestKilledWriter kills an update as soon as a certain file is seen, without a
// chance to clean up. The catalog must be whole, and the next update tidy up.
func TestKilledWriter(t *testing.T) {
	t.Parallel()
	moments := []string{
		"gen-*", "gen-*/index", "gen-*/index/index_meta.json",
		"gen-*/index/store", "gen-*/index/store/*.zap", "gen-*/index/store/root.bolt", "gen-*/state.json",
		"gen-*/seal.json", ".kpm-tmp-*",
	}
	first := search.Store{Dir: t.TempDir()}
	replace(t, first, "1", revised(t, 1)...)
	for _, verb := range []string{"replace", "apply"} {
		for _, moment := range moments {
			t.Run(verb+" "+filepath.Base(moment), func(t *testing.T) {
				t.Parallel()
				s := copyOf(t, first)
				killAt(t, s, verb, moment)
				cat := open(t, s)
				if err := checkWhole(cat); err != nil {
					t.Errorf("after the kill: %v", err)
				}
				if err := update(t, s, func(w *search.Writer) error { return advance(t, s, w) }); err != nil {
					t.Errorf("next update: %v", err)
				}
				if err := checkWhole(open(t, s)); err != nil {
					t.Errorf("after the next update: %v", err)
				}
				checkTidy(t, s)
			})
		}
	}
}

// killAt runs a writer and kills it when a file of that name appears that was
// not there before. The first generation does not count.
func killAt(t *testing.T, s search.Store, verb, moment string) {
	t.Helper()
	pattern := filepath.Join(s.Dir, filepath.FromSlash(moment))
	before, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestWriterProcess$")
	cmd.Env = append(os.Environ(), writerProcess+"="+s.Dir, writerVerb+"="+verb)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()         //nolint:errcheck // it was killed
	defer cmd.Process.Kill() //nolint:errcheck // it may have ended
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatalf("the writer did not start: %v", err)
	}
	for {
		now, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		if fresh(before, now) {
			return
		}
		runtime.Gosched()
	}
}

// fresh reports whether now has a path that before has not.
func fresh(before, now []string) bool {
	known := map[string]bool{}
	for _, path := range before {
		known[path] = true
	}
	for _, path := range now {
		if !known[path] {
			return true
		}
	}
	return false
}
