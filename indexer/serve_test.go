package indexer_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/internal/index"
)

// answer is what a server says, as it came over the wire.
type answer struct {
	*http.Response
	body []byte
}

// ask sends one request with headers, "K: V" each, and follows and unpacks
// nothing.
func ask(t testing.TB, method, url string, headers ...string) answer {
	t.Helper()
	req, err := http.NewRequest(method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	resp, err := (&http.Transport{DisableCompression: true, DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // read only
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp, body}
}

// wantHeaders compares headers; "" wants none.
func wantHeaders(t testing.TB, a answer, want map[string]string) {
	t.Helper()
	got := map[string]string{}
	for name := range want {
		got[name] = a.Header.Get(name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s %s: headers (-want +got):\n%s", a.Request.Method, a.Request.URL, diff)
	}
}

// TestServeHead: the head is compressed where that is accepted, has an ETag
// for each encoding, and a client that has it gets 304.
func TestServeHead(t *testing.T) {
	k := newKit(t)
	k.heads(2)
	url := serve(t, k.site, nil) + "/v1/index.json"
	plain := k.read("site/v1/index.json")
	etags := map[string]bool{}
	for accept, encoding := range map[string]string{
		"identity": "", "gzip": "gzip", "br, gzip;q=0.5": "gzip", "gzip;q=0": "", "": "", "deflate,gzip": "gzip", "gzip; q=0": "", "gzip;q=0.0": "",
	} {
		got := ask(t, "GET", url, "Accept-Encoding: "+accept)
		wantHeaders(t, got, map[string]string{
			"Content-Type": "application/json", "Content-Encoding": encoding, "X-Content-Type-Options": "nosniff",
			"Cache-Control": "public, max-age=60, must-revalidate", "Vary": "Accept-Encoding",
		})
		text := string(got.body)
		if encoding == "gzip" {
			text = string(must(io.ReadAll(must(gzip.NewReader(bytes.NewReader(got.body))))))
			if len(got.body) >= len(plain) {
				t.Errorf("%d bytes compressed, %d plain", len(got.body), len(plain))
			}
		}
		if got.StatusCode != 200 || text != plain {
			t.Errorf("Accept-Encoding %q: %s with %d bytes", accept, got.Status, len(text))
		}
		etag := got.Header.Get("ETag")
		etags[etag] = true
		again := ask(t, "GET", url, "Accept-Encoding: "+accept, "If-None-Match: "+etag)
		if again.StatusCode != 304 || len(again.body) > 0 || again.Header.Get("ETag") != etag {
			t.Errorf("Accept-Encoding %q, If-None-Match %s: %s with %s", accept, etag, again.Status, again.Header.Get("ETag"))
		}
		head := ask(t, "HEAD", url, "Accept-Encoding: "+accept)
		if head.StatusCode != 200 || len(head.body) > 0 || head.Header.Get("ETag") != etag {
			t.Errorf("HEAD: %s with %d bytes", head.Status, len(head.body))
		}
	}
	if len(etags) != 2 || etags[""] {
		t.Errorf("ETags are %v, want one for each encoding", etags)
	}
	k.heads(1)
	for etag := range etags {
		for _, accept := range []string{"gzip", "identity"} {
			if got := ask(t, "GET", url, "Accept-Encoding: "+accept, "If-None-Match: "+etag); got.StatusCode != 200 {
				t.Errorf("after another publish: %s", got.Status)
			}
		}
	}
}

// TestServeFiles: what has an immutable name may be kept, and nothing of it is
// for a browser to guess about.
func TestServeFiles(t *testing.T) {
	k := newKit(t)
	k.first()
	k.write("site/index.html", "<p>hello")
	k.write("site/assets/style.css", "p{}")
	url := serve(t, k.site, nil)
	object := index.ObjectPath(k.line("pony").Doc.SHA256)
	const keep = "public, max-age=31536000, immutable"
	for path, want := range map[string]map[string]string{
		"kubes/pony/pony-1.0.0.tgz":               {"Content-Type": "application/octet-stream", "Cache-Control": keep, "Content-Encoding": ""},
		"kubes/pony/pony-1.0.0.tgz.sigstore.json": {"Content-Type": "application/octet-stream", "Cache-Control": keep},
		object:             {"Content-Type": "application/octet-stream", "Cache-Control": keep, "Content-Encoding": ""},
		"trust/1.json":     {"Content-Type": "application/json", "Cache-Control": keep},
		"":                 {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "public, max-age=300"},
		"assets/style.css": {"Content-Type": "text/css; charset=utf-8", "Cache-Control": "public, max-age=300", "Content-Encoding": "gzip"},
	} {
		got := ask(t, "GET", url+"/"+path, "Accept-Encoding: gzip")
		wantHeaders(t, got, want)
		wantHeaders(t, got, map[string]string{"X-Content-Type-Options": "nosniff"})
		file, text := path, string(got.body)
		if path == "" {
			file = "index.html"
		}
		if got.Header.Get("Content-Encoding") == "gzip" {
			text = string(must(io.ReadAll(must(gzip.NewReader(bytes.NewReader(got.body))))))
		}
		if got.StatusCode != 200 || text != k.read("site/"+file) {
			t.Errorf("%s: %s with %d bytes", path, got.Status, len(got.body))
		}
	}
	archive := k.read("site/kubes/pony/pony-1.0.0.tgz")
	for header, want := range map[string]struct {
		code int
		body string
	}{
		"bytes=0-9":   {206, archive[:10]},
		"bytes=100-":  {206, archive[100:]},
		"bytes=-5":    {206, archive[len(archive)-5:]},
		"bytes=9999-": {416, ""},
	} {
		got := ask(t, "GET", url+"/kubes/pony/pony-1.0.0.tgz", "Range: "+header)
		if got.StatusCode != want.code || (want.code == 206 && string(got.body) != want.body) {
			t.Errorf("Range %s: %s with %d bytes", header, got.Status, len(got.body))
		}
	}
}

// TestServeNothingElse: no dotfiles, no listings, nothing outside, no other
// methods.
func TestServeNothingElse(t *testing.T) {
	k := newKit(t)
	k.first()
	k.write("site/.staging/pony-2.0.0.tgz", "secret")
	k.write("site/kubes/.hidden/x", "secret")
	k.write("secret", "secret")
	k.write("site/keys/trust.key", "secret")
	for name, target := range map[string]string{"out": "../secret", "absolute": filepath.Join(k.dir, "secret"), "folder": ".."} {
		if err := os.Symlink(target, filepath.Join(k.site, name)); err != nil {
			t.Skip(err)
		}
	}
	url := serve(t, k.site, nil)
	for _, path := range []string{
		"/keys/trust.key", "/.lock", "/.staging/pony-2.0.0.tgz", "/.staging/", "/kubes/.hidden/x", "/kubes/../.lock", "/%2elock", "/./.lock", "/v1/%2e%2e/.lock",
		"/", "/kubes/", "/kubes", "/objects", "/v1/", "/v1", "/trust/", "/v1/index.json/", "/trust/1.json/x",
		"/../secret", "/%2e%2e/secret", "/..%2fsecret", "/kubes/%2e%2e/%2e%2e/secret", "/kubes/..%2f..%2fsecret", `/..\secret`, "/%00", "/v1/index.json%00",
		"/out", "/absolute", "/folder/secret", "//etc/passwd", "/trust/2.json",
	} {
		if code, body := raw(t, url, "GET "+path+" HTTP/1.1"); code != "404" && code != "400" || strings.Contains(body, "secret") {
			t.Errorf("%s: %s %q", path, code, body)
		}
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE", "X"} {
		got := ask(t, method, url+"/v1/index.json")
		if got.StatusCode != http.StatusMethodNotAllowed || got.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %s, Allow %q", method, got.Status, got.Header.Get("Allow"))
		}
	}
}

// raw sends one request line as it is, and gives status code and the rest.
func raw(t testing.TB, url, line string) (code, rest string) {
	t.Helper()
	host := strings.TrimPrefix(url, "http://")
	c, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close() //nolint:errcheck // read only
	if _, err := io.WriteString(c, line+"\r\nHost: "+host+"\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	text := string(must(io.ReadAll(c)))
	_, text, _ = strings.Cut(text, " ")
	code, rest, _ = strings.Cut(text, " ")
	return code, rest
}

// ExampleHandler serves the folder site.
func ExampleHandler() {
	root, err := os.OpenRoot("site")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer root.Close() //nolint:errcheck // read only
	srv := &http.Server{Addr: "127.0.0.1:8080", Handler: indexer.Handler(root), ReadHeaderTimeout: 10 * time.Second}
	fmt.Println(srv.ListenAndServe())
}

// TestServeSite: the web site is shown at the root, its text compressed; an archive is
// sent in ranges and not at all to who has it; what is not there gets the site's page.
func TestServeSite(t *testing.T) {
	k := newKit(t)
	k.first()
	k.write("site/index.html", "<p>home</p>")
	k.write("site/404.html", "<p>lost</p>")
	k.write("site/assets/search/names.js", strings.Repeat("kpm ", 1000))
	url := serve(t, k.site, nil)
	if got := ask(t, "GET", url+"/"); string(got.body) != "<p>home</p>" || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/html") {
		t.Errorf("/ is %q, %s", got.body, got.Header.Get("Content-Type"))
	}
	got := ask(t, "GET", url+"/assets/search/names.js", "Accept-Encoding: gzip")
	wantHeaders(t, got, map[string]string{"Content-Encoding": "gzip"})
	if len(got.body) > 200 {
		t.Errorf("names.js has %d bytes", len(got.body))
	}
	archive := "/kubes/pony/pony-1.0.0.tgz"
	whole := ask(t, "GET", url+archive, "Accept-Encoding: gzip")
	wantHeaders(t, whole, map[string]string{"Content-Encoding": "", "Accept-Ranges": "bytes"})
	part := ask(t, "GET", url+archive, "Range: bytes=10-19")
	if part.StatusCode != http.StatusPartialContent || !bytes.Equal(part.body, whole.body[10:20]) {
		t.Errorf("a range is %d, %q", part.StatusCode, part.body)
	}
	etag := whole.Header.Get("ETag")
	if again := ask(t, "GET", url+archive, "If-None-Match: "+etag); etag == "" || again.StatusCode != http.StatusNotModified {
		t.Errorf("with the ETag %q: %d", etag, again.StatusCode)
	}
	if lost := ask(t, "GET", url+"/pages/nosuch/", "Accept: text/html,*/*"); lost.StatusCode != http.StatusNotFound || string(lost.body) != "<p>lost</p>" {
		t.Errorf("what is not there is %d, %q", lost.StatusCode, lost.body)
	}
	k.write("site/pages/pony/index.html", "<p>pony</p>")
	page := ask(t, "GET", url+"/pages/pony?a=b")
	if to, err := page.Location(); err != nil || page.StatusCode != http.StatusMovedPermanently || to.String() != url+"/pages/pony/?a=b" {
		t.Errorf("a page without its slash is %d, at %v: %v", page.StatusCode, to, err)
	}
	if lost := ask(t, "GET", url+"/pages", "Accept: text/html"); lost.StatusCode != http.StatusNotFound {
		t.Errorf("a folder without a page is %d", lost.StatusCode)
	}
	if lost := ask(t, "GET", url+"/trust/9.json"); lost.StatusCode != http.StatusNotFound || strings.Contains(string(lost.body), "lost") {
		t.Errorf("to a client what is not there is %d, %q", lost.StatusCode, lost.body)
	}
}

// TestServedImagesChange: images that a mirror run brings later, or puts in the place of
// others, are served without a new start; and no part of a download is.
func TestServedImagesChange(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close() //nolint:errcheck // read only
	server := httptest.NewServer(indexer.Handler(root))
	defer server.Close()
	status := func(path string, want int) {
		t.Helper()
		if got := ask(t, "GET", server.URL+path); got.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, got.StatusCode, want)
		}
	}
	status("/v2/", http.StatusNotFound)
	blob := func(folder, content string) string {
		t.Helper()
		digest := string(index.DigestOf([]byte(content)))
		at := filepath.Join(dir, folder, "blobs", "sha256")
		if err := os.MkdirAll(at, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{digest, digest + ".part"} {
			if err := os.WriteFile(filepath.Join(at, name), []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return "/v2/a.example/b/blobs/sha256:" + digest
	}
	first := blob("images", "first")
	status("/v2/", http.StatusOK)
	status(first, http.StatusOK)
	status("/images/blobs/sha256/"+first[len(first)-64:]+".part", http.StatusNotFound)
	status(first+".part", http.StatusNotFound)
	second := blob("next", "second")
	var wait sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		wait.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					ask(t, "GET", server.URL+first)
				}
			}
		})
	}
	for range 20 {
		for _, move := range [][2]string{{"images", "old"}, {"next", "images"}, {"old", "next"}} {
			if err := os.Rename(filepath.Join(dir, move[0]), filepath.Join(dir, move[1])); err != nil {
				t.Fatal(err)
			}
		}
	}
	close(stop)
	wait.Wait()
	for _, move := range [][2]string{{"images", "old"}, {"next", "images"}} {
		if err := os.Rename(filepath.Join(dir, move[0]), filepath.Join(dir, move[1])); err != nil {
			t.Fatal(err)
		}
	}
	status(second, http.StatusOK)
	status(first, http.StatusNotFound)
}
