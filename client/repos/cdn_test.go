package repos

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/sitetest"
	"github.com/kpm-sh/kpm/internal/trust"
)

// often is how often something random is tried: more so in `make soak`.
func often(few, many int) int {
	if os.Getenv("KPM_SOAK") != "" {
		return many
	}
	return few
}

// publisher publishes at random: releases, Kubes that go, index keys that are replaced,
// and one that was stolen. It knows what every head that it signed stood for.
type publisher struct {
	*sitetest.Site
	chance *rand.Rand
	next   int
	states map[[2]int64]state // by epoch and number
}

func newPublisher(t *testing.T, chance *rand.Rand) *publisher {
	t.Helper()
	p := &publisher{Site: sitetest.New(t), chance: chance, states: map[[2]int64]state{}}
	p.publish()
	return p
}

func (p *publisher) publish() {
	p.next++
	name := fmt.Sprintf("kube-%d", p.chance.IntN(12))
	switch {
	case p.Head != nil && p.chance.IntN(8) == 0 && p.Lines[name].Name != "" && p.Lines[name].Gone == "":
		p.Publish(sitetest.Gone(name, "no more"))
	default:
		p.Publish(sitetest.Release(name, fmt.Sprintf("1.0.%d", p.next)))
	}
	p.states[[2]int64{p.Head.Epoch, p.Head.Seq}] = state{Seq: p.Head.Seq, Kubes: p.Head.Kubes, Sum: p.Head.Sum}
}

// trust publishes the next trust document, with another index key, or another epoch too.
func (p *publisher) trust() {
	p.Key = p.NewKey()
	raise := p.chance.IntN(3) == 0
	p.Trust(func(d *trust.Document) {
		if raise {
			d.Epoch++
		}
	})
}

// watch is a client, and what it has accepted so far.
type watch struct {
	*Set
	at [2]int64 // epoch and number of the newest head that it took
}

// check wants the state of a client to be one that was published, whole, and none that
// is older than one that it had.
func (w *watch) check(t *testing.T, p *publisher) {
	t.Helper()
	r, err := w.Repository("main")
	must(t, err)
	st := r.Status()
	at := [2]int64{st.Epoch, st.Seq}
	if slices.Compare(at[:], w.at[:]) < 0 {
		t.Fatalf("went back from %v to %v", w.at, at)
	}
	w.at = at
	if st.Seq == 0 {
		return
	}
	want, published := p.states[at]
	if !published {
		t.Fatalf("%v was never published", at)
	}
	cat, err := r.catalog()
	must(t, err)
	var tally index.Tally
	for line, err := range cat.Lines() {
		must(t, err)
		tally.Add(line)
	}
	if tally.Kubes != want.Kubes || tally.Sum() != want.Sum {
		t.Fatalf("at %v the client holds %d Kubes with sum %s, %d with %s were published", at, tally.Kubes, tally.Sum(), want.Kubes, want.Sum)
	}
}

// A CDN serves every path from a random past state, or not at all: there is never a
// mixed state, nothing older is accepted, and every refusal says that something is behind
// or missing. What is whole again heals the client at once.
func TestRandomPast(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	chance := rand.New(rand.NewPCG(seed, 1))
	var mu sync.Mutex // guards random, past and chance while requests are answered
	random := true
	p := newPublisher(t, chance)
	past := []map[string][]byte{p.Files()}
	p.Misbehave(func(w http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		if !random {
			return false
		}
		data, ok := past[max(0, len(past)-1-chance.IntN(12))][r.URL.Path[1:]]
		if !ok || chance.IntN(10) == 0 {
			http.NotFound(w, r)
			return true
		}
		_, err := w.Write(data)
		return err == nil
	})
	client := &watch{Set: setOf(t, p.Site)}
	told := map[errcode.Code]int{}
	n := often(50, 2000)
	for i := range n {
		mu.Lock()
		random = i%10 != 9
		if chance.IntN(2) == 0 {
			if chance.IntN(10) == 0 {
				p.trust()
				past = append(past, p.Files())
			}
			p.publish()
			past = append(past, p.Files())
		}
		honest := !random
		mu.Unlock()
		_, err := tryUpdate(t, client.Set)
		code := trust.CodeOf(err)
		told[code]++
		switch {
		case honest && err != nil:
			t.Fatalf("update %d, everything is there: %v", i, err)
		case err != nil && code != trust.Missing && code != trust.Rollback && code != trust.WrongSigner:
			t.Fatalf("update %d: %v", i, err)
		}
		client.check(t, p)
		if honest && client.at != [2]int64{p.Head.Epoch, p.Head.Seq} {
			t.Fatalf("update %d leaves the client at %v, published is %d", i, client.at, p.Head.Seq)
		}
	}
	t.Logf("%d updates: %v", n, told)
}

// Somebody copies the site in one pass, by name, as rsync does, while it is published
// into: clients of the copy see what is behind or missing, and never a bad signature.
func TestOnePassCopy(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	chance := rand.New(rand.NewPCG(seed, 2))
	p := newPublisher(t, chance)
	mirror := p.Copy()
	client := &watch{Set: newSet(t)}
	must(t, client.ConfigFile().Add(t.Context(), Config{Alias: "main", Sources: []string{mirror.URL}, Pin: &p.Pin}))
	told := map[errcode.Code]int{}
	n := often(20, 200)
	for range n {
		names := slices.Sorted(maps.Keys(p.Files())) // the list is made first
		cut, look := chance.IntN(len(names)), chance.IntN(len(names))
		for i, name := range names {
			if i == cut {
				if chance.IntN(5) == 0 {
					p.trust()
				}
				p.publish()
			}
			if data := p.Get(name); data != nil {
				mirror.Put(name, data)
			}
			if i != look && i != len(names)-1 {
				continue
			}
			_, err := tryUpdate(t, client.Set)
			code := trust.CodeOf(err)
			if err != nil && code != trust.Missing && code != trust.Rollback {
				t.Fatalf("after %d of %d files: %v", i+1, len(names), err)
			}
			told[code]++
			client.check(t, p)
		}
	}
	for name, data := range p.Files() {
		mirror.Put(name, data)
	}
	if _, err := tryUpdate(t, client.Set); err != nil {
		t.Errorf("with all of it there: %v", err)
	}
	t.Logf("%d copies: %v", n, told)
}
