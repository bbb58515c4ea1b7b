package trust

import (
	"errors"
	"fmt"
	"testing"

	"github.com/kpm-sh/kpm/internal/index"
)

func TestErrorsOwnText(t *testing.T) {
	cause := errors.New("cause")
	err := error(&Error{Code: Unlisted, Found: "etcd 9 is not in the index of acme", Expected: "b", Err: cause})
	if got, want := err.Error(), "UNLISTED: etcd 9 is not in the index of acme, expected b"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	wrapped := fmt.Errorf("installing etcd: %w", err)
	if CodeOf(wrapped) != Unlisted || !errors.Is(wrapped, cause) {
		t.Errorf("code %q of %v", CodeOf(wrapped), wrapped)
	}
	if got := CodeOf(cause); got != "" {
		t.Errorf("a foreign error has the code %q", got)
	}
}

func TestMismatch(t *testing.T) {
	ref := index.RefOf([]byte("abc"))
	want(t, Mismatch("x.tgz", ref.Match([]byte("abcd"))), Size, "x.tgz has 4 bytes, expected 3")
	want(t, Mismatch("x.tgz", ref.Match([]byte("abd"))), Digest, "x.tgz has the sha256 a52d159f")
	if err := Mismatch("x.tgz", ref.Match([]byte("abc"))); err != nil {
		t.Errorf("got %v for matching bytes", err)
	}
	other := errors.New("other")
	if err := Mismatch("x.tgz", other); !errors.Is(err, other) || err.Error() != other.Error() {
		t.Errorf("got %v, want the error itself", err)
	}
}
