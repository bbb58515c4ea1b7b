package fetch_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
)

var archive = []byte(strings.Repeat("0123456789", 10))

// ranges serves content as a server does that knows ranges, and notes those
// asked for.
func ranges(content []byte, asked *[]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		*asked = append(*asked, r.Header.Get("Range"))
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	}
}

// noRanges is ranges for a server that does not know them.
func noRanges(content []byte, asked *[]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		*asked = append(*asked, r.Header.Get("Range"))
		_, _ = w.Write(content)
	}
}

// partly answers requests for ranges with this status and Content-Range.
func partly(code int, contentRange string, content []byte, asked *[]string) http.HandlerFunc {
	whole := noRanges(content, asked)
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Range") == "" {
			whole(w, r)
			return
		}
		*asked = append(*asked, r.Header.Get("Range"))
		w.Header().Set("Content-Range", contentRange)
		w.WriteHeader(code)
		_, _ = w.Write(content[40:])
	}
}

func TestDownload(t *testing.T) {
	evil := bytes.Repeat([]byte("e"), len(archive))
	var asked []string
	tests := map[string]struct {
		part  string // what an earlier try left
		serve http.HandlerFunc
		asked []string
		bytes int64 // on the wire
		wrong bool
	}{
		"nothing there":          {"", ranges(archive, &asked), []string{""}, 100, false},
		"goes on":                {string(archive[:40]), ranges(archive, &asked), []string{"bytes=40-"}, 60, false},
		"all there":              {string(archive), ranges(archive, &asked), nil, 0, false},
		"too much there":         {string(archive) + "x", ranges(archive, &asked), []string{""}, 100, false},
		"no ranges":              {string(archive[:40]), noRanges(archive, &asked), []string{"bytes=40-"}, 100, false},
		"unknown total":          {string(archive[:40]), partly(206, "bytes 40-99/*", archive, &asked), []string{"bytes=40-"}, 60, false},
		"416":                    {string(archive[:40]), partly(416, "bytes */40", archive, &asked), []string{"bytes=40-", ""}, 100, false},
		"damaged part":           {strings.Repeat("?", 40), ranges(archive, &asked), []string{"bytes=40-", ""}, 160, false},
		"damaged part, all long": {strings.Repeat("?", 100), ranges(archive, &asked), []string{""}, 100, false},
		"no Content-Range":       {string(archive[:40]), partly(206, "", archive, &asked), []string{"bytes=40-", ""}, -1, false},
		"other Content-Range":    {string(archive[:40]), partly(206, "bytes 30-99/100", archive, &asked), []string{"bytes=40-", ""}, -1, false},
		"less Content-Range":     {string(archive[:40]), partly(206, "bytes 40-98/100", archive, &asked), []string{"bytes=40-", ""}, -1, false},
		"other total":            {string(archive[:40]), partly(206, "bytes 40-99/200", archive, &asked), []string{"bytes=40-", ""}, -1, false},
		"changed file":           {string(archive[:40]), ranges(evil, &asked), []string{"bytes=40-", ""}, 160, true},
		"wrong file":             {"", ranges(evil, &asked), []string{""}, 100, true},
		"short file":             {"", noRanges(archive[:99], &asked), []string{""}, -1, true},
		"long file":              {"", noRanges(append(bytes.Clone(archive), 'x'), &asked), []string{""}, -1, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			asked = nil
			dst := filepath.Join(t.TempDir(), "etcd.tgz")
			if tt.part != "" {
				if err := os.WriteFile(dst+".part", []byte(tt.part), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			s := open(t, serve(t, tt.serve).URL)
			err := s.Download(t.Context(), "kubes/etcd/etcd.tgz", index.RefOf(archive), dst, nil)
			if tt.wrong {
				wantMismatch(t, err)
				wantMissing(t, dst)
			} else {
				wantFile(t, dst, archive, err)
			}
			wantMissing(t, dst+".part")
			if diff := cmp.Diff(tt.asked, asked); diff != "" {
				t.Errorf("ranges asked for (-want +got):\n%s", diff)
			}
			if _, n := s.Stats(); tt.bytes >= 0 && n != tt.bytes {
				t.Errorf("got %d bytes on the wire, want %d", n, tt.bytes)
			}
		})
	}
}

func TestDownloadGoesOnAfterABreak(t *testing.T) {
	var asked []string
	whole := ranges(archive, &asked)
	s := open(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		if len(asked) > 0 {
			whole(w, r)
			return
		}
		asked = append(asked, "break")
		flaky(1, string(archive))(w, r)
	}).URL)
	dst := filepath.Join(t.TempDir(), "etcd.tgz")
	var done []int64
	err := s.Download(t.Context(), "x", index.RefOf(archive), dst, func(n, total int64) {
		if total != 100 {
			t.Errorf("got a total of %d, want 100", total)
		}
		done = append(done, n)
	})
	wantFile(t, dst, archive, err)
	if diff := cmp.Diff([]string{"break", "bytes=50-"}, asked); diff != "" {
		t.Errorf("ranges asked for (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int64{0, 50, 50, 100}, done); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
}

func TestInterruptedDownloadKeepsItsPart(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := open(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(archive[:40])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}).URL)
	dst := filepath.Join(t.TempDir(), "etcd.tgz")
	err := s.Download(ctx, "x", index.RefOf(archive), dst, func(done, _ int64) {
		if done == 40 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	wantMissing(t, dst)
	wantFile(t, dst+".part", archive[:40], nil)
}

func TestFailedDownloadLeavesNoEmptyPart(t *testing.T) {
	s := open(t, serve(t, http.NotFound).URL)
	dst := filepath.Join(t.TempDir(), "etcd.tgz")
	if err := s.Download(t.Context(), "x", index.RefOf(archive), dst, nil); !errors.Is(err, fetch.ErrNotFound) {
		t.Errorf("got %v, want %v", err, fetch.ErrNotFound)
	}
	wantMissing(t, dst+".part")
}

func TestDownloadOfAFile(t *testing.T) {
	for name, part := range map[string]string{"new": "", "goes on": string(archive[:40]), "damaged part": "???", "too much": strings.Repeat("x", 200)} {
		root, dst := t.TempDir(), filepath.Join(t.TempDir(), "etcd.tgz")
		for path, content := range map[string][]byte{filepath.Join(root, "a.tgz"): archive, dst + ".part": []byte(part)} {
			if err := os.WriteFile(path, content, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		s := open(t, fileURL(root))
		t.Log(name)
		wantFile(t, dst, archive, s.Download(t.Context(), "a.tgz", index.RefOf(archive), dst, nil))
		wantMismatch(t, s.Download(t.Context(), "a.tgz", index.RefOf([]byte("other")), dst+"2", nil))
		wantMissing(t, dst+".part")
		wantMissing(t, dst+"2.part")
	}
}

func TestPartMustBeAFile(t *testing.T) {
	dst := filepath.Join(t.TempDir(), "etcd.tgz")
	if err := os.Mkdir(dst+".part", 0o755); err != nil {
		t.Fatal(err)
	}
	s := open(t, serve(t, say("x")).URL)
	err := s.Download(t.Context(), "x", index.RefOf(archive), dst, nil)
	if err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("got %v, want a refusal", err)
	}
}

func fileURL(dir string) string {
	path := filepath.ToSlash(dir)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return fmt.Sprintf("file://%s", path)
}

func wantFile(t *testing.T, path string, want []byte, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func wantMissing(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s: got %v, want none", path, err)
	}
}

func wantMismatch(t *testing.T, err error) {
	t.Helper()
	if _, ok := errors.AsType[*index.MismatchError](err); !ok {
		t.Errorf("got %v, want a MismatchError", err)
	}
}
