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
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/signing/signer"
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
		"build": func() error { _, err := indexer.Publish(ctx, k.options()); return err },
		"gc":    func() error { _, err := indexer.Collect(ctx, k.maintain(), false); return err },
		"restore": func() error {
			_, err := indexer.Restore(ctx, k.maintain(), []signer.Signer{k.key.Signer()}, 9, days)
			return err
		},
	} {
		if err := do(); !errors.Is(err, atomicfile.ErrLocked) || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want ErrLocked and the end of the context", name, err)
		}
	}
	same(t, before, tree(t, k.site))
}

// TestTwoPublishers: two that went on from one head without a common lock give
// two heads of one number. Whoever took the loser's ends in the winner's state
// with the winner's next publish.
func TestTwoPublishers(t *testing.T) {
	k := newKit(t)
	k.kube("horse", "1.0.0")
	k.first()
	loser := kitIn(k.dir)
	loser.t, loser.now, loser.site = t, k.now, filepath.Join(k.dir, "loser/site")
	copyTree(t, k.site, loser.site)
	k.kube("pony", "1.1.0")
	k.publish()
	k.kube("pony", "1.2.0")
	k.kube("zebra", "1.0.0")
	loser.publish()
	c := &client{lines: map[string]index.Line{}}
	lost := openSigned(t, []byte(k.read("loser/site/v1/index.json"))).head
	if err := c.update(lost, readObject(loser.site)); err != nil || c.seq != 2 || c.lines["zebra"].Rev != 2 {
		t.Fatalf("a client of the loser: %v, %+v", err, c)
	}
	k.remove("packages/zebra")
	k.publish()
	if err := c.update(k.head(), readObject(k.site)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(k.client().raw(), c.raw()); diff != "" {
		t.Errorf("the winner's records (-want +got):\n%s", diff)
	}
	k.audit()
}
