package fetch_test

import (
	"errors"
	"math"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
)

func TestObject(t *testing.T) {
	want := strings.Repeat("segment ", 1000)
	srv, trust := serveTLS(t, func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("got %s, want HTTP/2", r.Proto)
		}
		say(want)(w, r)
	})
	got, err := open(t, srv.URL, trust).Object(t.Context(), "objects/ab/ab", index.RefOf([]byte(want)), false)
	if err != nil || string(got) != want {
		t.Errorf("got %d bytes, %v, want %d", len(got), err, len(want))
	}
}

func TestWrongObject(t *testing.T) {
	ref := index.RefOf([]byte("good"))
	for _, flush := range []bool{false, true} { // the length is announced, or not
		for name, body := range map[string]string{"other bytes": "evil", "too short": "goo", "too long": "good!", "empty": ""} {
			s := open(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
				if flush {
					w.(http.Flusher).Flush()
				}
				say(body)(w, r)
			}).URL)
			_, err := s.Object(t.Context(), "objects/ab/ab", ref, false)
			mismatch, ok := errors.AsType[*index.MismatchError](err)
			if !ok || mismatch.Want != ref || mismatch.Size != int64(len(body)) {
				t.Errorf("%s: got %v, want a MismatchError", name, err)
			}
			if n, _ := s.Stats(); n != 1 {
				t.Errorf("%s: got %d tries, want 1", name, n)
			}
		}
	}
}

func TestImpossibleSizes(t *testing.T) {
	s := open(t, serve(t, say("x")).URL)
	for _, size := range []int64{-1, math.MinInt64, math.MaxInt64} {
		_, err := s.Object(t.Context(), "x", index.Ref{Size: size}, false)
		wantMismatch(t, err)
		wantMismatch(t, s.Download(t.Context(), "x", index.Ref{Size: size}, filepath.Join(t.TempDir(), "x"), nil))
	}
}

// Servers that call a .tgz a gzip-coded tar make others unpack it.
func TestObjectIsHashedAsReceived(t *testing.T) {
	archive := gzipped(t, "a tar")
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Accept-Encoding"); got != "identity" {
			t.Errorf("got Accept-Encoding %q, want identity", got)
		}
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(archive)
	})
	own := func(o *fetch.Options) { o.Transport = http.DefaultTransport } // one that would unpack
	for name, s := range map[string]*fetch.Source{"ours": open(t, srv.URL), "default": open(t, srv.URL, own)} {
		got, err := s.Object(t.Context(), "kubes/etcd/etcd-1.0.0.tgz", index.RefOf(archive), false)
		if err != nil || string(got) != string(archive) {
			t.Errorf("%s transport: got %q, %v", name, got, err)
		}
	}
	_, err := open(t, srv.URL).Object(t.Context(), "x", index.RefOf([]byte("a tar")), false)
	if err == nil || !strings.Contains(err.Error(), `Content-Encoding "gzip"`) {
		t.Errorf("got %v, want a word on Content-Encoding", err)
	}
}
