package registry_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/internal/images"
	"github.com/kpm-sh/kpm/internal/images/registrytest"
)

// zeros are that many bytes, none of them in memory.
type zeros struct{ size, at int64 }

func (z *zeros) Read(p []byte) (int, error) {
	n := min(int64(len(p)), z.size-z.at)
	if n == 0 {
		return 0, io.EOF
	}
	for i := range n {
		p[i] = byte((z.at + i) >> 16)
	}
	z.at += n
	return int(n), nil
}

func (z *zeros) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += z.at
	case io.SeekEnd:
		offset += z.size
	}
	z.at = offset
	return offset, nil
}

// TestLargeLayer: a 300 MB layer that is cut four times on the way arrives, goes on each
// time where it was, and takes little memory.
func TestLargeLayer(t *testing.T) {
	const size, cuts = 300 << 20, 4
	sum := sha256.New()
	if _, err := io.Copy(sum, &zeros{size: size}); err != nil {
		t.Fatal(err)
	}
	var asked, sent atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v2/" {
			return
		}
		var to http.ResponseWriter = &counting{w, &sent}
		if asked.Add(1) <= cuts {
			to = &registrytest.Cut{ResponseWriter: to, Left: size / (cuts + 2)}
		}
		http.ServeContent(to, r, "", time.Time{}, &zeros{size: size})
	}))
	t.Cleanup(server.Close)
	ref := parse(t, strings.TrimPrefix(server.URL, "http://")+"/aa:1")
	file := filepath.Join(t.TempDir(), "layer")
	if err := download(t, ref, images.Descriptor{Digest: "sha256:" + hex.EncodeToString(sum.Sum(nil)), Size: size}, file); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Size() != size {
		t.Errorf("%v, %v", info, err)
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	if memory.Sys > 100<<20 {
		t.Errorf("%d MB of memory", memory.Sys>>20)
	}
	if asked.Load() != cuts+1 || sent.Load() > size+size/10 {
		t.Errorf("%d requests, %d bytes sent of %d", asked.Load(), sent.Load(), int64(size))
	}
}

// counting counts what is sent.
type counting struct {
	http.ResponseWriter
	sent *atomic.Int64
}

func (c *counting) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p)
	c.sent.Add(int64(n))
	return n, err
}

// Flush sends what is written.
func (c *counting) Flush() { c.ResponseWriter.(http.Flusher).Flush() }
