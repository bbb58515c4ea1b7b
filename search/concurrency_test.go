package search_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/search"
)

// revised is a catalog's content in revision rev: the state says which, and so
// does every line that was changed.
func revised(t testing.TB, rev int64) []index.Line {
	var lines []index.Line
	for i := range 40 {
		lines = append(lines, kube(t, fmt.Sprintf("kube-%02d", i), rev, fmt.Sprintf("as of revision%d", rev)))
	}
	return lines
}

// checkWhole reports a catalog whose lines and state are not of one revision.
// Of revision n the first ten lines are of n, or all of them.
func checkWhole(cat *search.Catalog) error {
	rev, err := strconv.ParseInt(string(cat.State()), 10, 64)
	if err != nil {
		return err
	}
	n := 0
	for l, err := range cat.Lines() {
		if err != nil {
			return err
		}
		if n++; n <= 10 && l.Rev != rev {
			return fmt.Errorf("state is %d, %s is of %d", rev, l.Name, l.Rev)
		}
	}
	res, err := cat.Search(context.Background(), fmt.Sprintf("revision%d", rev), 0)
	if err == nil && (n != 40 || res.Total < 10 || res.DidYouMean) {
		err = fmt.Errorf("revision %d has %d lines, finds %d", rev, n, res.Total)
	}
	return err
}

// TestConcurrentUse lets two writers and ten readers at one store.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	s := search.Store{Dir: t.TempDir()}
	replace(t, s, "1", revised(t, 1)...)
	updates := soak(3, 8)
	var done atomic.Bool
	var readers, writers sync.WaitGroup
	var rounds atomic.Int64
	for range 10 {
		readers.Go(func() {
			for more := true; more; {
				more = !done.Load()
				cat, err := s.Open()
				if err != nil {
					t.Errorf("Open: %v", err)
					return
				}
				if err := errors.Join(checkWhole(cat), cat.Close()); err != nil {
					t.Error(err)
				}
				rounds.Add(1)
			}
		})
	}
	for range 2 {
		writers.Go(func() {
			for range updates {
				if err := update(t, s, func(w *search.Writer) error { return advance(t, s, w) }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	done.Store(true)
	readers.Wait()
	if got, want := string(open(t, s).State()), strconv.Itoa(1+2*updates); got != want {
		t.Errorf("after %d updates the state is %s, want %s", 2*updates, got, want)
	}
	t.Logf("%d readings", rounds.Load())
	checkTidy(t, s)
}

// advance makes the next revision, by turns in full and in part. It reads the
// current one under the lock, as an update does.
func advance(t *testing.T, s search.Store, w *search.Writer) error {
	cat, err := s.Open()
	if err != nil {
		return err
	}
	rev, err := strconv.ParseInt(string(cat.State()), 10, 64)
	if err := errors.Join(err, cat.Close()); err != nil {
		return err
	}
	rev++
	lines, state := revised(t, rev), []byte(strconv.FormatInt(rev, 10))
	if rev%2 == 0 {
		return w.Replace(context.Background(), each(lines), state)
	}
	return w.Apply(context.Background(), lines[:10], state)
}

// TestOpenCatalogStays guards that an open catalog answers the same after its
// generation is gone.
func TestOpenCatalogStays(t *testing.T) {
	t.Parallel()
	s := search.Store{Dir: t.TempDir()}
	replace(t, s, "1", revised(t, 1)...)
	cat := open(t, s)
	for rev := int64(2); rev < 6; rev++ {
		replace(t, s, fmt.Sprint(rev), revised(t, rev)...)
	}
	if err := checkWhole(cat); err != nil {
		t.Error(err)
	}
}

func TestLockWaits(t *testing.T) {
	t.Parallel()
	s := search.Store{Dir: t.TempDir()}
	first, err := s.Lock(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Lock(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("second Lock: %v, want %v", err, context.Canceled)
	}
	first.Unlock()
	second, err := s.Lock(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	second.Unlock()
}
