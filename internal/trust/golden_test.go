package trust

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/kpm-sh/kpm/internal/index"
)

var update = flag.Bool("update", false, "write the golden files")

// TestGolden guards the published bytes: a document signed today opens in every
// later version, and signing it again gives the same file. The pin is the one that
// a user would have been told.
func TestGolden(t *testing.T) {
	const (
		path = "testdata/1.json"
		pin  = "1@sha256:99839dce10152c521f69355b3423f051bc6d8b05f6ff79798b7c0ced09ccd1aa"
	)
	k := newKit(t)
	file := must(must(Sign(k.full(), k.trust, k.spare)).Encode())
	if *update {
		if err := os.WriteFile(path, file, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	golden := must(os.ReadFile(path))
	if !bytes.Equal(file, golden) {
		t.Errorf("got\n%s\nwant\n%s", file, golden)
	}
	env := must(index.DecodeEnvelope(golden))
	if got := PinOf(1, env).String(); got != pin {
		t.Errorf("got pin %s, want %s", got, pin)
	}
	if _, err := Open(must(ParsePin(pin)), env); err != nil {
		t.Error(err)
	}
}
