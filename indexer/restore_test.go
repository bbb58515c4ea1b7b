package indexer_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/signing/signer"
)

func (k *kit) restore(seq int64) (*indexer.Result, error) {
	k.now = k.now.Add(time.Hour)
	return indexer.Restore(context.Background(), k.maintain(), []signer.Signer{k.key.Signer()}, seq, 14*days)
}

// TestRestore: after the head was lost, the newest old head's state goes on
// above every number that a client may have seen, and all of them catch up.
func TestRestore(t *testing.T) {
	for name, lose := range map[string]func(k *kit){
		"head lost":      func(k *kit) { k.remove("site/v1") },
		"head damaged":   func(k *kit) { k.write("site/v1/index.json", k.read("site/v1/index.json")[:500]) },
		"head is a page": func(k *kit) { k.write("site/v1/index.json", "<!doctype html>") },
		"head of another key": func(k *kit) {
			k.key = k.trustKey
			k.forge(k.head(), func(*index.Head) []index.Object { return nil })
			k.key = testKey("c")
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKit(t)
			var states []*client
			for range 5 {
				k.heads(1)
				states = append(states, k.client())
			}
			lose(k)
			if _, err := k.restore(4); err == nil {
				t.Fatal("restored below the newest old head, which is 5")
			}
			res, err := k.restore(7)
			if err != nil {
				t.Fatal(err)
			}
			h := k.head()
			if h.Seq != 8 || res.Head.Seq != 8 || h.Prev == "" || k.line("pony").Version != "1.5.0" || res.From.Seq != 5 {
				t.Errorf("restored %s as %d", k.line("pony").Version, h.Seq)
			}
			k.wholeFor(h, states)
			k.audit()
			k.kube("pony", "1.5.0")
			k.publish()
			k.kube("pony", "1.6.0")
			k.publish()
			k.wholeFor(k.head(), states)
			k.audit()
		})
	}
}

// TestRestorePresent: a head that is in place and verifies counts as the
// newest; signing it again is a publish like any other.
func TestRestorePresent(t *testing.T) {
	k := newKit(t)
	k.heads(3)
	before := k.client()
	_ = k.refusedRestore(2, "the newest old head is number 3, above the 2 that was asked for")
	if _, err := k.restore(3); err != nil {
		t.Fatal(err)
	}
	if h := k.head(); h.Seq != 4 || h.Sum != before.tally.Sum() {
		t.Errorf("restored as %d with sum %s", h.Seq, h.Sum)
	}
	k.wholeFor(k.head(), []*client{before})
	k.audit()
}

func (k *kit) refusedRestore(seq int64, text string) error {
	k.t.Helper()
	before := tree(k.t, k.site)
	_, err := k.restore(seq)
	if err == nil {
		k.t.Fatal("restored what must be refused")
	}
	contains(k.t, err.Error(), text)
	same(k.t, before, tree(k.t, k.site))
	return err
}

// TestRestoreRefused: restoring needs an old head, what it leads to, the right
// key and a life that clients accept.
func TestRestoreRefused(t *testing.T) {
	k := newKit(t)
	k.heads(2)
	k.key = k.trustKey
	if err := k.refusedRestore(2, "role index"); trust.CodeOf(err) != trust.WrongSigner {
		t.Errorf("got %v, want WRONG_SIGNER", err)
	}
	k.key = testKey("c")
	for _, life := range []time.Duration{0, -days, indexer.MaxLife + 1} {
		if _, err := indexer.Restore(context.Background(), k.maintain(), []signer.Signer{k.key.Signer()}, 9, life); err == nil {
			t.Errorf("restored for %s", life)
		}
	}
	one := newKit(t)
	one.heads(1)
	one.remove("site/" + one.headCopy())
	one.remove("site/v1")
	if err := one.refusedRestore(9, "no published site"); !errors.Is(err, indexer.ErrNoSite) {
		t.Errorf("got %v, want ErrNoSite", err)
	}
	k.remove("site/" + index.ArchivePath("pony", "1.1.0"))
	_ = k.refusedRestore(19, "no old head of")
}

// TestRestoreSaysWhich: the newest head of which everything is there is taken,
// and why not a newer one is said. What clients of a lost head may ask for is
// not collected.
func TestRestoreSaysWhich(t *testing.T) {
	k := newKit(t)
	k.first()
	k.kube("horse", "1.0.0")
	k.publish()
	k.kube("pony", "1.1.0")
	k.publish()
	k.kube("pony", "1.2.0")
	k.publish()
	k.remove("site/" + k.headCopy())
	k.write("site/v1/index.json", "{}")
	lost := index.ArchivePath("pony", "1.2.0")
	k.remove("site/" + index.ArchivePath("pony", "1.1.0"))
	res, err := k.restore(4)
	if err != nil {
		t.Fatal(err)
	}
	if res.From.Seq != 2 || res.Head.Seq != 5 || k.line("horse").Version != "1.0.0" {
		t.Errorf("took %d as %d", res.From.Seq, res.Head.Seq)
	}
	contains(t, strings.Join(res.Warnings, "\n"), "v1/index.json is passed over: ",
		"publish 3 of 2026-11-22 13:00:00 is not whole, so an older one is looked for: ", index.ArchivePath("pony", "1.1.0"))
	if _, err := indexer.Collect(context.Background(), k.maintain(), false); err == nil {
		t.Error("collected what clients of publish 4 may ask for")
	} else {
		contains(t, err.Error(), "refusing to remove anything: publish 5 was restored from publish 2, and clients may ask for what was published between until 2027-01-26")
	}
	_ = k.read("site/" + lost)
	k.kube("pony", "1.2.1")
	k.publish()
	k.now = k.now.Add(66 * days)
	k.publish()
	if _, err := indexer.Collect(context.Background(), k.maintain(), false); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(k.site, lost)); err == nil {
		t.Error("what publish 4 led to is kept for ever")
	}
}

// TestRestorePlanted: a head that was signed with a key that has been taken away
// since is older than those of its successor, whatever number it says.
func TestRestorePlanted(t *testing.T) {
	for name, epoch := range map[string]int64{"lost": 1, "stolen": 2} {
		t.Run(name, func(t *testing.T) {
			k := newKit(t)
			k.heads(2)
			stolen := k.key
			k.replaceIndexKey(epoch)
			k.publish(func(o *indexer.Options) { o.Trust = k.trust })
			k.plant(stolen)
			res, err := k.restore(9)
			if err != nil {
				t.Fatal(err)
			}
			if res.From.Seq != 3 || res.From.Trust != 2 || res.Head.Seq != 10 {
				t.Errorf("took %d of trust document %d as %d", res.From.Seq, res.From.Trust, res.Head.Seq)
			}
			k.audit()
		})
	}
}
