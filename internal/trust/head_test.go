package trust

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/signing/signer"
)

func TestOpenHead(t *testing.T) {
	k := newKit(t)
	d := k.open(t, k.document())
	env := must(SignHead(head(d, 42), k.index))
	h, err := OpenHead(d, reencode(t, env), nil, day, 0)
	if err != nil {
		t.Fatal(err)
	}
	wantFloor := &Floor{"acme", d.Root(), 1, 42, env.Digest(), index.At(day), index.Time{}}
	if diff := cmp.Diff(wantFloor, h.Floor(nil)); diff != "" {
		t.Errorf("floor (-want +got):\n%s", diff)
	}
	if len(h.Signers) != 1 || d.Name(h.Signers[0]) != "index" {
		t.Errorf("got signers %v, want index", h.Signers)
	}
	if got, want := h.Deadline(), day.Add(14*days); !got.Equal(want) {
		t.Errorf("got deadline %v, want %v", got, want)
	}
	if _, err := OpenHead(d, env, h.Floor(nil), day, 0); err != nil {
		t.Errorf("the same head once more: %v", err)
	}
}

// TestHeadRefusals has one head for each way to refuse it. The floor is head 42 of
// epoch 2 under trust document 2; the same head is accepted.
func TestHeadRefusals(t *testing.T) {
	k := newKit(t)
	first := k.document()
	first.Epoch = 2
	d := k.next(t, k.open(t, first), func(*Document) {})
	accepted := must(SignHead(head(d, 42), k.index))
	floor := must(OpenHead(d, accepted, nil, day, 0)).Floor(nil)
	byIndex := []SigningKey{k.index}
	same := func(*index.Head) {}
	for name, c := range map[string]struct {
		change func(*index.Head)
		keys   []SigningKey
		now    time.Duration // after day
		code   Code
		part   string
	}{
		"the same":                      {same, byIndex, 0, "", ""},
		"the next":                      {func(h *index.Head) { h.Seq = 43; h.Segments[0].To = 43 }, byIndex, 0, "", ""},
		"under document 1":              {func(h *index.Head) { h.Trust = 1; h.Seq = 43; h.Segments[0].To = 43 }, byIndex, 0, "", ""},
		"stranger":                      {same, []SigningKey{k.stranger}, 0, Signature, "0 of 1 valid signatures, expected 1 of index"},
		"trust key":                     {same, []SigningKey{k.trust, k.stranger}, 0, WrongSigner, "validly signed, but by trust, expected 1 of index"},
		"stranger's, names newer trust": {func(h *index.Head) { h.Trust = 3 }, []SigningKey{k.stranger}, 0, Missing, "needs trust document 3, and the newest one found is 2, expected trust/3.json"},
		"names newer trust":             {func(h *index.Head) { h.Trust = 4 }, byIndex, 0, Missing, "needs trust document 4"},
		"repository":                    {func(h *index.Head) { h.Repository = "acme-edge" }, byIndex, 0, TrustPin, "repository acme-edge, expected acme"},
		"root":                          {func(h *index.Head) { h.Root = index.DigestOf([]byte("staging")) }, byIndex, 0, TrustPin, "has the root"},
		"no root":                       {func(h *index.Head) { h.Root = "" }, byIndex, 0, TrustPin, "has the root none"},
		"lower epoch":                   {func(h *index.Head) { h.Epoch = 1 }, byIndex, 0, Missing, "epoch 1 and was not moved yet"},
		"higher epoch":                  {func(h *index.Head) { h.Epoch = 3 }, byIndex, 0, TrustChain, "epoch 3, expected epoch 2"},
		"lower seq":                     {func(h *index.Head) { h.Seq = 41; h.Segments[0].To = 41 }, byIndex, 0, Rollback, "index 41 of acme, issued at 2026-11-22T10:00:00Z, expected number 42 or higher, issued at 2026-11-22T10:00:00Z or later"},
		"same seq, other payload":       {func(h *index.Head) { h.Kubes = 1 }, byIndex, 0, Equivocation, "as it had before"},
		"just in time":                  {same, byIndex, 14 * days, "", ""},
		"expired":                       {same, byIndex, 14*days + 1, Frozen, "expired at 2026-12-06T10:00:00Z"},
		"expired and rolled back":       {func(h *index.Head) { h.Seq = 41; h.Segments[0].To = 41 }, byIndex, 15 * days, Rollback, ""},
		"issued a day ahead":            {later(1 * days), byIndex, 0, "", ""},
		"issued further ahead":          {later(1*days + time.Second), byIndex, 0, Clock, "the clock says 2026-11-22T10:00:00Z"},
		"a century long":                {func(h *index.Head) { h.Expires = index.At(day.Add(36500 * days)); h.Seq = 43; h.Segments[0].To = 43 }, byIndex, 36 * days, Frozen, "expired at 2026-12-27T10:00:00Z"},
		"35 days of a century":          {func(h *index.Head) { h.Expires = index.At(day.Add(36500 * days)); h.Seq = 43; h.Segments[0].To = 43 }, byIndex, 35 * days, "", ""},
		"clock of 2001, the same head":  {same, byIndex, -25 * 365 * days, "", ""},
		"clock of 2100":                 {same, byIndex, 74 * 365 * days, Frozen, ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := head(d, 42)
			c.change(h)
			_, err := OpenHead(d, must(SignHead(h, c.keys...)), floor, day.Add(c.now), 0)
			want(t, err, c.code, c.part)
		})
	}
}

// later is a head with the next number, issued after day.
func later(by time.Duration) func(*index.Head) {
	return func(h *index.Head) {
		h.Seq, h.Segments[0].To = 43, 43
		h.Issued = index.At(day.Add(by))
	}
}

func TestHeadTampering(t *testing.T) {
	k := newKit(t)
	d := k.open(t, k.document())
	env := must(SignHead(head(d, 42), k.index))
	for name, payload := range map[string]string{
		"number":          strings.Replace(env.Payload, `"seq":42`, `"seq":43`, 1),
		"space":           env.Payload + " ",
		"garbage":         "<!doctype html>",
		"endless trust":   `{"trust":99999999999999999999}`,
		"negative trust":  `{"trust":-1}`,
		"trust in a text": `{"trust":"9"}`,
		"trust twice":     `{"trust":1,"trust":9}`,
		"huge":            `{"trust":9,"x":"` + strings.Repeat("x", index.MaxHead) + `"}`,
	} {
		_, err := VerifyHead(d, index.NewEnvelope([]byte(payload), env.Bundles()...))
		if CodeOf(err) != Signature {
			t.Errorf("%s: got %v, want %s", name, err, Signature)
		}
	}
	signed := must(cosign(index.NewEnvelope([]byte(strings.Replace(env.Payload, `"seq":42`, `"seq":42,"more":1`, 1))), k.index))
	_, err := VerifyHead(d, signed)
	want(t, err, Format, "unknown")
	_, err = VerifyHead(d, must(Sign(k.document(), k.index)))
	want(t, err, Format, "the index is signed but cannot be read")
	attested := must(k.index.Attest(must(testProvenance().Statement())))
	_, err = VerifyHead(d, index.NewEnvelope([]byte(env.Payload), attested))
	want(t, err, Signature, "0 of 1")
}

// TestOtherSite is staging's head on the production site: the same key, the same
// name, no floor yet.
func TestOtherSite(t *testing.T) {
	k := newKit(t)
	d := k.open(t, k.document())
	h := head(d, 1)
	h.Root = index.DigestOf([]byte("staging"))
	_, err := VerifyHead(d, must(SignHead(h, k.index)))
	want(t, err, TrustPin, "has the root")
}

func TestHeadByTwo(t *testing.T) {
	k := newKit(t)
	first := k.document()
	first.Signers["auditor"] = KeySigner(k.stranger.Public())
	first.Roles.Index = Role{[]string{"index", "auditor"}, 2}
	d := k.open(t, first)
	env := must(SignHead(head(d, 1), k.index))
	_, err := VerifyHead(d, env)
	want(t, err, Signature, "1 of 2 valid signatures, expected 2 of index, auditor")
	if _, err := VerifyHead(d, must(cosign(env, k.stranger))); err != nil {
		t.Error(err)
	}
}

// TestWithdrawnKey is a host that answers 304 for ever: the stored head meets the
// document that withdrew its signer.
func TestWithdrawnKey(t *testing.T) {
	k := newKit(t)
	d := k.open(t, k.document())
	stored := must(SignHead(head(d, 42), k.index))
	d2 := k.next(t, d, func(d *Document) {
		d.Signers["ci"] = KeySigner(k.stranger.Public())
		d.Roles.Index.Signers = []string{"ci"}
		delete(d.Signers, "index")
	})
	_, err := OpenHead(d2, stored, nil, day, 0)
	want(t, err, WrongSigner, "validly signed, but by index, expected 1 of ci (trust document 2")
}

// TestStolenKey is the recovery of a client whose floor a thief has driven up.
func TestStolenKey(t *testing.T) {
	k := newKit(t)
	d := k.open(t, k.document())
	far := head(d, 1<<52)
	far.Issued = index.At(day.Add(20 * time.Hour))
	floor := must(OpenHead(d, must(SignHead(far, k.index)), nil, day, 0)).Floor(nil)

	good := must(SignHead(head(d, 43), k.index))
	_, err := OpenHead(d, good, floor, day, 0)
	want(t, err, Rollback, "")

	d2 := k.next(t, d, func(d *Document) {
		d.Epoch = 2
		d.Signers["index"] = KeySigner(k.stranger.Public())
	})
	_, err = OpenHead(d2, good, floor, day, 0)
	want(t, err, WrongSigner, "") // the thief's key is gone
	h, err := OpenHead(d2, must(SignHead(head(d2, 44), k.stranger)), floor, day, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = OpenHead(d2, must(SignHead(head(d2, 43), k.stranger)), h.Floor(nil), day, 0)
	want(t, err, Rollback, "number 44 or higher")
	_, err = OpenHead(d, good, h.Floor(nil), day, 0) // somebody lost trust document 2
	want(t, err, Rollback, "epoch 1, expected 2 or higher")
}

func TestLocalDocument(t *testing.T) {
	k := newKit(t)
	d := KeyDocument(k.index.Public())
	sign := func(change func(*index.Head)) *index.Envelope {
		h := head(k.open(t, k.document()), 42)
		h.Trust = 7 // is ignored
		change(h)
		return must(SignHead(h, k.index))
	}
	first, err := OpenHead(d, sign(func(*index.Head) {}), nil, day, 0)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*index.Head)
		code   Code
	}{
		"the same":     {func(*index.Head) {}, ""},
		"repository":   {func(h *index.Head) { h.Repository = "acme-edge" }, TrustPin},
		"root":         {func(h *index.Head) { h.Root = index.DigestOf(nil) }, TrustPin},
		"no root":      {func(h *index.Head) { h.Root = "" }, TrustPin},
		"higher epoch": {func(h *index.Head) { h.Epoch = 2 }, TrustPin},
		"rollback":     {func(h *index.Head) { h.Seq, h.Segments[0].To = 41, 41 }, Rollback},
		"another":      {func(h *index.Head) { h.Kubes = 9 }, Equivocation},
	} {
		_, err := OpenHead(d, sign(c.change), first.Floor(nil), day, 0)
		if CodeOf(err) != c.code {
			t.Errorf("%s: got %v, want %q", name, err, c.code)
		}
	}
	_, err = OpenHead(d, must(SignHead(head(d, 1), k.stranger)), nil, day, 0)
	want(t, err, Signature, "what the repository was added with")
}

func TestIdentityDocument(t *testing.T) {
	k := newKit(t)
	d := IdentityDocument("https://issuer.example", "https://ci.example/publish.yml@refs/heads/main", "")
	_, err := VerifyHead(d, must(SignHead(head(d, 1), k.index)))
	want(t, err, Signature, "0 of 1 valid signatures")
}

// TestRootOfLatePin is a client that was pinned to document 2: its first head says
// the root.
func TestRootOfLatePin(t *testing.T) {
	k := newKit(t)
	d := k.open(t, k.document())
	env := must(Sign(successor(d, func(*Document) {}), k.trust))
	late := must(Open(PinOf(2, env), env))
	h := head(late, 1)
	h.Root = d.Digest()
	floor := must(OpenHead(late, must(SignHead(h, k.index)), nil, day, 0)).Floor(nil)
	h.Root, h.Seq, h.Segments[0].To = index.DigestOf(nil), 2, 2
	_, err := OpenHead(late, must(SignHead(h, k.index)), floor, day, 0)
	want(t, err, TrustPin, "has the root")
}

func TestFloorOfASeqAlone(t *testing.T) {
	k := newKit(t)
	d := k.open(t, k.document())
	env := must(SignHead(head(d, 42), k.index))
	for seq, code := range map[int64]Code{41: "", 42: "", 43: Rollback} {
		_, err := OpenHead(d, env, &Floor{Seq: seq}, day, 0)
		want(t, err, code, "")
	}
}

// TestGrace lets heads of 14 days grow old over two years.
func TestGrace(t *testing.T) {
	k := newKit(t)
	d := k.open(t, k.document()) // allows 90 days
	h := must(VerifyHead(d, must(SignHead(head(d, 1), k.index))))
	for age := range 730 {
		for grace, last := range map[time.Duration]int{-5 * days: 14, 0: 14, 30 * days: 44, 90 * days: 104, 700 * days: 104} {
			err := h.CheckFresh(day.Add(time.Duration(age)*days), grace)
			if (err != nil) != (age > last) {
				t.Errorf("day %d, grace %s: got %v", age, grace, err)
			}
			if err != nil && CodeOf(err) != Frozen {
				t.Errorf("day %d: got %v, want %s", age, err, Frozen)
			}
		}
	}
}

// TestPublisher opens its own last head: that it expired is told apart.
func TestPublisher(t *testing.T) {
	k := newKit(t)
	d := k.open(t, k.document())
	h, err := VerifyHead(d, must(SignHead(head(d, 42), k.index)))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.CheckFloor(&Floor{Seq: 42}); err != nil {
		t.Error(err)
	}
	want(t, h.CheckFresh(day.Add(400*days), 0), Frozen, "")
}

func TestFloorNow(t *testing.T) {
	f := &Floor{Issued: index.At(day)}
	for now, want := range map[time.Time]time.Time{day.Add(-days): day, day.Add(days): day.Add(days)} {
		if got := f.Now(now); !got.Equal(want) {
			t.Errorf("at %v: got %v, want %v", now, got, want)
		}
	}
	f.Proven = index.At(day.Add(2 * days))
	if got, want := f.Now(day.Add(days)), day.Add(2*days-5*time.Minute); !got.Equal(want) {
		t.Errorf("after a proven time: got %v, want %v", got, want)
	}
	if got := (*Floor)(nil).Now(day); !got.Equal(day) {
		t.Errorf("without a floor: got %v, want %v", got, day)
	}
}

func ExampleOpenHead() {
	trustKey, indexKey := must(signer.GenerateKey()), must(signer.GenerateKey())
	env, err := Sign(&Document{
		Schema: Schema, Repository: "acme", Version: 1, Epoch: 1, Expires: index.At(day.Add(365 * days)),
		Signers: map[string]Signer{"trust": KeySigner(trustKey.Public()), "index": KeySigner(indexKey.Public())},
		Roles:   Roles{Trust: Role{[]string{"trust"}, 1}, Index: Role{[]string{"index"}, 1}},
	}, trustKey)
	if err != nil {
		fmt.Println(err)
		return
	}
	doc, err := Open(PinOf(1, env), env) // the pin comes from the user
	if err != nil {
		fmt.Println(err)
		return
	}
	signed := must(SignHead(head(doc, 7), indexKey))
	h, err := OpenHead(doc, signed, nil, day, 0)
	fmt.Println(h, err)
	_, err = OpenHead(doc, signed, &Floor{Epoch: 1, Seq: 8}, day, 0)
	fmt.Println(err)
	// Output:
	// index 7 of acme <nil>
	// ROLLBACK: index 7 of acme, issued at 2026-11-22T10:00:00Z, expected number 8 or higher
}
