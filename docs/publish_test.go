package docs_test

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/docs"
	"github.com/kpm-sh/kpm/internal/nginxtest"
	"github.com/kpm-sh/kpm/internal/sharedtest"
)

// blockOf is the first block of a language below a heading of publish.md.
func blockOf(t *testing.T, heading, language string) string {
	t.Helper()
	text, err := docs.Files.ReadFile("publish.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(text), "\n## "+heading+"\n")
	section, _, _ = strings.Cut(section, "\n## ")
	_, block, found := strings.Cut(section, "\n```"+language+"\n")
	block, _, ended := strings.Cut(block, "\n```\n")
	if !ok || !found || !ended {
		t.Fatalf("publish.md has no %s below %q", language, heading)
	}
	return block + "\n"
}

// publisher is a packages repository with a site, and a shell in it.
type publisher struct {
	t   *testing.T
	dir string
	env []string
}

// binaries is the folder with both programs.
func binaries(t *testing.T) string {
	t.Helper()
	sharedtest.Built(t, "../bin/kpm", "run make build")
	return filepath.Dir(sharedtest.Built(t, "../bin/kpm-indexer", "run make build"))
}

func newPublisher(t *testing.T) *publisher {
	t.Helper()
	bin, dir := binaries(t), t.TempDir()
	p := &publisher{t, dir, append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))}
	p.sh(`kpm-indexer init . --name acme
kpm-indexer trust init --out keys --name acme
kpm-indexer build --out site --key keys/index.key --trust keys --first`)
	return p
}

// next publishes another version.
func (p *publisher) next() {
	p.t.Helper()
	p.sh(`sed -i.old 's/^version: .*/version: 0.9.0/' packages/hello/K3.yaml && rm packages/hello/K3.yaml.old
kpm-indexer build --out site --key keys/index.key --trust keys`)
}

func (p *publisher) sh(script string, env ...string) string {
	p.t.Helper()
	cmd := exec.CommandContext(p.t.Context(), "sh", "-euc", script)
	cmd.Dir, cmd.Env = p.dir, append(slices.Clone(p.env), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		p.t.Fatalf("%s: %v: %s", script, err, out)
	}
	return string(out)
}

// tool skips where a program is not there; where all must be, that is a failure.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil && exec.CommandContext(t.Context(), path, "--version").Run() != nil && exec.CommandContext(t.Context(), path, "-v").Run() != nil {
		err = fmt.Errorf("%s does not run", path)
	}
	if err != nil {
		t.Skipf("skipped: %s is not in PATH: %v", name, err)
	}
	return path
}

// store is an object store that speaks as much of S3 as copying needs, and shows its
// objects to everybody. It notes what is written, in order.
type store struct {
	mu      sync.Mutex
	objects map[string]object
	written []string
	purged  []string
}

type object struct {
	data  []byte
	cache string
	at    time.Time
}

func (s *store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch {
	case r.Method == http.MethodPost && bucket == "purge":
		s.purged = append(s.purged, key)
	case r.Method == http.MethodPut:
		data, err := body(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.objects[key] = object{data, r.Header.Get("Cache-Control"), time.Now()}
		s.written = append(s.written, key)
		w.Header().Set("ETag", `"e"`)
	case r.URL.Query().Has("list-type"):
		s.list(w, r.URL.Query().Get("prefix"))
	default:
		o, ok := s.objects[key]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Cache-Control", o.cache)
		_, _ = w.Write(o.data)
	}
}

func (s *store) list(w io.Writer, prefix string) {
	type item struct {
		Key, LastModified, ETag, StorageClass string
		Size                                  int
	}
	var page struct {
		XMLName     xml.Name `xml:"ListBucketResult"`
		IsTruncated bool
		Contents    []item
	}
	for _, key := range slices.Sorted(maps.Keys(s.objects)) {
		if o := s.objects[key]; strings.HasPrefix(key, prefix) {
			page.Contents = append(page.Contents, item{key, o.at.UTC().Format(time.RFC3339), `"e"`, "STANDARD", len(o.data)})
		}
	}
	_ = xml.NewEncoder(w).Encode(page)
}

// body is what a client sends, also in the signed chunks of S3.
func body(r *http.Request) ([]byte, error) {
	if !strings.Contains(r.Header.Get("Content-Encoding"), "aws-chunked") {
		return io.ReadAll(r.Body)
	}
	var all []byte
	in := bufio.NewReader(r.Body)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return nil, err
		}
		size, _, _ := strings.Cut(strings.TrimSpace(line), ";")
		n, err := strconv.ParseInt(size, 16, 64)
		if err != nil || n == 0 {
			return all, err
		}
		chunk := make([]byte, n+2)
		if _, err := io.ReadFull(in, chunk); err != nil {
			return nil, err
		}
		all = append(all, chunk[:n]...)
	}
}

// The recipe for an object store: all but v1/ first, what never changes is immutable and
// is copied once, v1/ may be kept 60 s, and the CDN is told.
func TestObjectStore(t *testing.T) {
	t.Parallel()
	aws := tool(t, "aws")
	p := newPublisher(t)
	s := &store{objects: map[string]object{}}
	srv := httptest.NewServer(s)
	defer srv.Close()
	bin := t.TempDir()
	wrapper := fmt.Sprintf("#!/bin/sh\nexec %s --endpoint-url %s \"$@\"\n", aws, srv.URL)
	if err := os.WriteFile(filepath.Join(bin, "aws"), []byte(wrapper), 0o755); err != nil {
		t.Fatal(err)
	}
	env := []string{
		"PATH=" + bin + string(os.PathListSeparator) + strings.TrimPrefix(p.env[len(p.env)-1], "PATH="), "BUCKET=kubes", "PURGE=" + srv.URL + "/purge",
		"AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=b", "AWS_DEFAULT_REGION=us-east-1", "AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE=/dev/null", "AWS_PAGER=",
	}
	recipe := blockOf(t, "An object store with a CDN", "sh")
	p.sh(recipe, env...)
	p.next()
	first := len(s.written)
	p.sh(recipe, env...)
	for i, key := range s.written {
		top, _, _ := strings.Cut(key, "/")
		if want := map[string]string{
			"objects": "public, max-age=31536000, immutable", "kubes": "public, max-age=31536000, immutable", "trust": "public, max-age=31536000, immutable",
			"v1": "public, max-age=60, must-revalidate",
		}[top]; want != "" && s.objects[key].cache != want {
			t.Errorf("%s may be kept: %s", key, s.objects[key].cache)
		}
		if i >= first && top != "v1" && slices.Contains(s.written[:first], key) && (top == "objects" || top == "kubes" || top == "trust") {
			t.Errorf("%s is copied twice", key)
		}
	}
	for _, run := range [][]string{s.written[:first], s.written[first:]} {
		at := slices.IndexFunc(run, func(key string) bool { return strings.HasPrefix(key, "v1/") })
		if at < 0 || slices.ContainsFunc(run[at:], func(key string) bool { return !strings.HasPrefix(key, "v1/") }) {
			t.Errorf("v1/ is not last: %v", run)
		}
	}
	if want := []string{"v1/index.json", "v1/index.json"}; !slices.Equal(s.purged, want) {
		t.Errorf("forgotten: %v", s.purged)
	}
	p.sh("kpm-indexer audit " + srv.URL + "/kubes")
}

// The recipes for rsync and nginx: what is copied is whole, and is served with the times
// that it may be kept.
func TestRsyncAndNginx(t *testing.T) {
	t.Parallel()
	tool(t, "rsync")
	p := newPublisher(t)
	dest := filepath.Join(t.TempDir(), "www")
	if err := os.MkdirAll(filepath.Join(dest, "v1"), 0o755); err != nil {
		t.Fatal(err)
	}
	recipe := blockOf(t, "A server with rsync", "sh")
	p.sh(recipe, "DEST="+dest)
	p.next()
	p.sh(recipe, "DEST="+dest)
	p.sh("kpm-indexer audit " + dest)
	if hidden, err := filepath.Glob(filepath.Join(dest, ".*")); err != nil || len(hidden) > 0 {
		t.Errorf("%v is no part of what is published", hidden)
	}

	at := nginxtest.Start(t, func(address string) string {
		return strings.NewReplacer("127.0.0.1:8080", address, "/srv/kpm", dest).Replace(blockOf(t, "nginx", "nginx"))
	})
	p.sh("kpm-indexer audit http://" + at)
	object := filepath.Base(filepath.Dir(p.sh("cd site && ls objects/*/* | head -n 1"))) + "/" + strings.TrimSpace(filepath.Base(p.sh("cd site && ls objects/*/* | head -n 1")))
	for path, want := range map[string]string{
		"/v1/index.json": "public, max-age=60, must-revalidate", "/trust/1.json": "public, max-age=31536000, immutable",
		"/objects/" + object: "public, max-age=31536000, immutable", "/": "public, max-age=300",
	} {
		resp, err := http.Get("http://" + at + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if got := resp.Header.Get("Cache-Control"); got != want || resp.StatusCode != http.StatusOK {
			t.Errorf("%s: %s, may be kept: %q, want %q", path, resp.Status, got, want)
		}
	}
}

// What a build downloads: the whole site into an empty folder, and into that of the last
// time the head and trust documents alone.
func TestDownloadsOfABuild(t *testing.T) {
	t.Parallel()
	p := newPublisher(t)
	if err := os.Rename(filepath.Join(p.dir, "site"), filepath.Join(p.dir, "www")); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var asked []string
	files := http.FileServer(http.Dir(filepath.Join(p.dir, "www")))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked = append(asked, r.URL.Path)
		mu.Unlock()
		files.ServeHTTP(w, r)
	}))
	defer srv.Close()
	build := "kpm-indexer build --out site --key keys/index.key --trust keys --previous " + srv.URL
	p.sh(build)
	cold := len(asked)
	if !slices.ContainsFunc(asked, func(path string) bool { return strings.HasPrefix(path, "/kubes/hello/") }) {
		t.Errorf("an empty folder gets %v", asked)
	}
	p.sh("rm -rf www && cp -R site www")
	asked = nil
	p.sh(build)
	if i := slices.IndexFunc(asked, func(path string) bool { return !strings.HasPrefix(path, "/v1/") && !strings.HasPrefix(path, "/trust/") }); i >= 0 || len(asked) >= cold {
		t.Errorf("a folder with the site of before gets %v", asked)
	}
}
