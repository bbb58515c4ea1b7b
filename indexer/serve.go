package indexer

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/kpm-sh/kpm/internal/images/layout"
	"github.com/kpm-sh/kpm/internal/index"
)

// Handler serves a site as any static host would, with the headers that make
// a client cheap: the head is compressed and must be asked for again after a
// minute, whatever has an immutable name may be kept for a year. It opens
// nothing outside root, no dotfiles, no parts of downloads and no private keys, and lists no folders.
func Handler(root *os.Root) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v2" || strings.HasPrefix(r.URL.Path, "/v2/") {
			serveImages(w, r, root)
			return
		}
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "405 only GET and HEAD", http.StatusMethodNotAllowed)
			return
		}
		name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
		if name == "" || strings.HasSuffix(r.URL.Path, "/") {
			name = path.Join(name, "index.html")
		}
		f, info, err := openRegular(root, name)
		switch {
		case err != nil && isPage(root, name):
			toFolder(w, r, name)
			return
		case err != nil:
			serveLost(w, r, root)
			return
		}
		defer f.Close() //nolint:errcheck // read only
		setHeaders(w.Header(), name)
		if isText(name) && info.Size() <= maxText {
			serveText(w, r, f)
			return
		}
		w.Header().Set("ETag", fmt.Sprintf(`"%x-%x"`, info.ModTime().UnixNano(), info.Size()))
		http.ServeContent(w, r, name, info.ModTime(), f)
	})
}

// isPage reports whether name is a folder with a page: its links want the slash behind it.
func isPage(root *os.Root, name string) bool {
	f, _, err := openRegular(root, path.Join(name, "index.html"))
	if err == nil {
		_ = f.Close() //nolint:errcheck // read only
	}
	return err == nil
}

// toFolder sends a browser to the folder, whatever lies in front of this server.
func toFolder(w http.ResponseWriter, r *http.Request, name string) {
	to := url.URL{Path: "./" + path.Base(name) + "/", RawQuery: r.URL.RawQuery}
	w.Header().Set("Location", to.String())
	w.WriteHeader(http.StatusMovedPermanently)
}

// serveLost answers for what is not there: with the page of the web site that
// says so, to who asks for a page.
func serveLost(w http.ResponseWriter, r *http.Request, root *os.Root) {
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.NotFound(w, r)
		return
	}
	f, info, err := openRegular(root, "404.html")
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer f.Close() //nolint:errcheck // read only
	if info.Size() > maxText {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusNotFound)
	_, _ = io.Copy(w, f) //nolint:errcheck // who asked has gone
}

// serveImages shows the images of a mirror to container runtimes, below /v2/: those that
// are there now, as a mirror run may bring the folder, or another in its place. A site
// without them has no such registry.
func serveImages(w http.ResponseWriter, r *http.Request, root *os.Root) {
	at, err := root.OpenRoot("images")
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer at.Close() //nolint:errcheck // read only
	layout.Handler(at).ServeHTTP(w, r)
}

func openRegular(root *os.Root, name string) (*os.File, fs.FileInfo, error) {
	for part := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(part, ".") {
			return nil, nil, fs.ErrNotExist
		}
	}
	if ext := path.Ext(name); ext == ".part" || ext == keyExt {
		return nil, nil, fs.ErrNotExist // a mirror run is at work, or somebody put a key there
	}
	info, err := root.Stat(name)
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, nil, errors.New("not a regular file")
	}
	f, err := root.Open(name)
	return f, info, err
}

// setHeaders: archives and objects are bytes for kpm, never for a browser to
// guess about.
func setHeaders(h http.Header, name string) {
	top, _, _ := strings.Cut(name, "/")
	switch top {
	case "kubes", "objects":
		h.Set("Content-Type", "application/octet-stream")
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	case "trust":
		h.Set("Content-Type", "application/json")
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	case path.Dir(index.HeadPath):
		h.Set("Content-Type", "application/json")
		h.Set("Cache-Control", "public, max-age=60, must-revalidate")
	default:
		h.Set("Cache-Control", "public, max-age=300")
	}
}

// maxText bounds the files that are compressed as they are sent.
const maxText = 8 << 20

// isText tells what gets smaller by compression: the head, the files of the web
// site, and what else is text by its name.
func isText(name string) bool {
	switch path.Ext(name) {
	case ".html", ".css", ".js", ".svg", ".xml", ".txt", ".json", ".md":
		return true
	}
	return false
}

// serveText sends a file with an ETag of its content, gzip'd where that is
// accepted.
func serveText(w http.ResponseWriter, r *http.Request, f *os.File) {
	data, err := io.ReadAll(io.LimitReader(f, maxText))
	if err != nil {
		http.Error(w, "500 reading the file", http.StatusInternalServerError)
		return
	}
	etag := string(index.DigestOf(data))[:32]
	h := w.Header()
	h.Set("Vary", "Accept-Encoding")
	if acceptsGzip(r) {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write(data) //nolint:errcheck // a bytes.Buffer takes everything
		_ = z.Close()        //nolint:errcheck // a bytes.Buffer takes everything
		data, etag = b.Bytes(), etag+"-gzip"
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", `"`+etag+`"`)
	http.ServeContent(w, r, f.Name(), time.Time{}, bytes.NewReader(data))
}

// acceptsGzip reads Accept-Encoding as RFC 9110 section 12.5.3 has it, but for
// the wildcard.
func acceptsGzip(r *http.Request) bool {
	for enc := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		word, weight, weighed := strings.Cut(enc, ";")
		if !strings.EqualFold(strings.TrimSpace(word), "gzip") {
			continue
		}
		if !weighed {
			return true
		}
		q, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(weight), "q="), 64)
		return err == nil && q > 0
	}
	return false
}
