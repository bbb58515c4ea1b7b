package trust

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/signing/signer"
)

// day is the day that the tests begin on.
var day = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

const days = 24 * time.Hour

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// kit holds the keys of a repository: trust, spare and index as trust init makes
// them, and a stranger's.
type kit struct {
	trust, spare, index, stranger *signer.Key
}

func newKit(t testing.TB) kit {
	t.Helper()
	return kit{testKey(t, "a"), testKey(t, "b"), testKey(t, "c"), must(signer.GenerateKey())}
}

func testKey(t testing.TB, name string) *signer.Key {
	t.Helper()
	return must(signer.ParseKey(must(os.ReadFile("../../signing/testdata/"+name+".key")), nil))
}

// document is a valid trust document 1, for tests to break.
func (k kit) document() *Document {
	return &Document{
		Schema:     Schema,
		Repository: "acme",
		Version:    1,
		Epoch:      1,
		Expires:    index.At(day.Add(365 * days)),
		Signers: map[string]Signer{
			"trust": KeySigner(k.trust.Public()),
			"spare": KeySigner(k.spare.Public()),
			"index": KeySigner(k.index.Public()),
		},
		Roles: Roles{
			Trust: Role{[]string{"trust", "spare"}, 1},
			Index: Role{[]string{"index"}, 1},
		},
		MaxGraceDays: 90,
	}
}

// open signs a document 1 with both trust keys and opens it by its pin.
func (k kit) open(t testing.TB, d *Document) *Document {
	t.Helper()
	env := must(Sign(d, k.trust, k.spare))
	opened, err := Open(PinOf(1, env), env)
	if err != nil {
		t.Fatal(err)
	}
	return opened
}

// next is d's successor with changes, signed by the trust key.
func (k kit) next(t testing.TB, d *Document, change func(*Document)) *Document {
	t.Helper()
	opened, err := OpenNext(d, must(Sign(successor(d, change), k.trust)))
	if err != nil {
		t.Fatal(err)
	}
	return opened
}

// successor is a copy of d with the next number and changes.
func successor(d *Document, change func(*Document)) *Document {
	next := must(DecodeDocument(must(d.Encode())))
	next.Version++
	change(next)
	return next
}

// head is a valid head under d, for tests to break.
func head(d *Document, seq int64) *index.Head {
	h := &index.Head{
		Schema:     index.HeadSchema,
		Repository: "acme",
		Root:       d.Root(),
		Trust:      d.Version,
		Epoch:      max(d.Epoch, 1),
		Seq:        seq,
		Issued:     index.At(day),
		Expires:    index.At(day.Add(14 * days)),
		Sum:        index.Digest(strings.Repeat("0", 64)),
		Segments:   []index.Segment{{From: 0, To: seq, Parts: []index.Part{}}},
	}
	return h
}

// want fails unless err is a refusal with the code and its text holds part.
func want(t *testing.T, err error, code Code, part string) {
	t.Helper()
	if CodeOf(err) != code {
		t.Errorf("got %v, want %s", err, code)
	} else if err != nil && !strings.Contains(err.Error(), part) {
		t.Errorf("got %v, want %q in it", err, part)
	}
}
