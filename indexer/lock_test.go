package indexer_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/internal/atomicfile"
)

// TestAtOnce: publishers of one site wait for each other; no two heads have
// one number.
func TestAtOnce(t *testing.T) {
	k := newKit(t)
	k.first()
	const publishers = 5
	var wg sync.WaitGroup
	var mu sync.Mutex
	seqs := map[int64]int{}
	o := k.options()
	for range publishers {
		wg.Go(func() {
			res, err := indexer.Publish(context.Background(), o)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
				return
			}
			seqs[res.Head.Seq]++
		})
	}
	wg.Wait()
	if diff := cmp.Diff(map[int64]int{2: 1, 3: 1, 4: 1, 5: 1, 6: 1}, seqs); diff != "" {
		t.Errorf("numbers of the heads (-want +got):\n%s", diff)
	}
	if a := k.audit(); a.Heads != 6 {
		t.Errorf("audited %d heads, want 6", a.Heads)
	}
}

// TestLocked: whoever does not get the lock before its context ends changes
// nothing.
func TestLocked(t *testing.T) {
	k := newKit(t)
	k.first()
	before := tree(t, k.site)
	held, err := atomicfile.TryLock(filepath.Join(k.site, ".lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer held.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for name, do := range map[string]func() error{
		"build":   func() error { _, err := indexer.Publish(ctx, k.options()); return err },
		"gc":      func() error { _, err := indexer.Collect(ctx, k.maintain(), false); return err },
		"restore": func() error { _, err := indexer.Restore(ctx, k.maintain(), k.key, 9, days); return err },
	} {
		if err := do(); !errors.Is(err, atomicfile.ErrLocked) || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want ErrLocked and the end of the context", name, err)
		}
	}
	same(t, before, tree(t, k.site))
}
