package mirror_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/client/mirror"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/pagelist"
)

// publishPages publishes with a web site.
func (k *kit) publishPages(pages map[string]string) {
	k.t.Helper()
	var list []pagelist.Page
	for path, text := range pages {
		k.site.Put(path, []byte(text))
		list = append(list, pagelist.Page{Path: path, Ref: index.RefOf([]byte(text))})
	}
	root, parts, err := pagelist.Encode(list, "test", nil)
	if err != nil {
		k.t.Fatal(err)
	}
	for _, o := range append(parts, root) {
		k.site.Put(index.ObjectPath(o.SHA256), o.Data)
	}
	k.site.Change = func(h *index.Head) { h.SetSite(root.Ref) }
	k.site.Publish()
}

func (k *kit) page(path string) string {
	data, _ := os.ReadFile(filepath.Join(k.dir, path)) //nolint:errcheck // "" is that it is not there
	return string(data)
}

// TestPages: pages are mirrored as the head lists them; what is of no page any more goes.
func TestPages(t *testing.T) {
	k := newKit(t)
	k.publishPages(map[string]string{"index.html": "one", "pages/hello/index.html": "hello", "pages/pony/index.html": "pony", "404.html": "lost"})
	k.run()
	k.verify()
	k.publishPages(map[string]string{"index.html": "two", "pages/hello/index.html": "hello", "404.html": "lost"})
	k.site.Misbehave(nil)
	k.run()
	k.verify()
	if k.page("index.html") != "two" || k.page("pages/pony/index.html") != "" {
		t.Errorf("index.html is %q, the page that went %q", k.page("index.html"), k.page("pages/pony/index.html"))
	}
	if asked := strings.Join(k.site.Requests(), "\n"); strings.Contains(asked, "404.html") {
		t.Errorf("what did not change was asked for: %s", asked)
	}
}

// TestDryRun tells of as many files and bytes as are copied then.
func TestDryRun(t *testing.T) {
	k := newKit(t)
	k.publishPages(map[string]string{"index.html": "one", "pages/hello/index.html": "hello"})
	o := k.options()
	o.DryRun = true
	would, err := mirror.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	o.DryRun = false
	did, err := mirror.Run(t.Context(), o)
	if err != nil || did.Files == 0 || did.Files != would.Files || did.Bytes != would.Bytes {
		t.Errorf("%d files of %d bytes (%v); the dry run said %d of %d", did.Files, did.Bytes, err, would.Files, would.Bytes)
	}
}

// TestPagesOfAPart: a partial mirror holds pages of its Kubes; pages of others answer 404.html.
func TestPagesOfAPart(t *testing.T) {
	k := newKit(t)
	k.publishPages(map[string]string{"index.html": "one", "pages/hello/index.html": "hello", "pages/pony/index.html": "pony"})
	o := k.options()
	o.Only = []string{"hello"}
	if _, err := mirror.Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if k.page("pages/hello/index.html") != "hello" || k.page("pages/pony/index.html") != "" {
		t.Error("it has not the pages of its Kubes alone")
	}
	k.verify()
}

// TestPageOfAnotherPublish: pages are written after the head; one that differs is a
// warning, and the next run fetches it.
func TestPageOfAnotherPublish(t *testing.T) {
	k := newKit(t)
	k.publishPages(map[string]string{"index.html": "one"})
	k.site.Put("index.html", []byte("not yet"))
	k.run()
	if len(k.said) == 0 || !strings.Contains(strings.Join(k.said, "\n"), "page index.html is not as listed") {
		t.Errorf("it said %q", k.said)
	}
	if k.page("index.html") != "" {
		t.Error("a page that nobody vouches for is there")
	}
	k.publishPages(map[string]string{"index.html": "two"})
	k.run()
	k.verify()
}
