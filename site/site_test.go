package site_test

import (
	"bytes"
	"context"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/kpm-sh/kpm/docs"
	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/signing/signer"
	"github.com/kpm-sh/kpm/site"
)

// repository is a packages folder that is published once and more.
type repository struct {
	t        *testing.T
	packages string
	dir      string
	signers  []signer.Signer
	now      time.Time
	forge    func(path string, data []byte) []byte // may change what is read of what is published
}

func publish(t *testing.T, packages string) *repository {
	t.Helper()
	r := &repository{t: t, packages: packages, dir: t.TempDir(), now: time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)}
	key, err := signer.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	r.signers = []signer.Signer{key.Signer()}
	r.start(key, indexer.FirstTrust("acme", key.Public(), key.Public(), trust.KeySigner(key.Public()), nil, r.now.AddDate(1, 0, 0), 30), nil)
	return r
}

// start publishes for the first time, under a trust document and with files beside it.
func (r *repository) start(key *signer.Key, doc *trust.Document, beside map[string][]byte) {
	t := r.t
	t.Helper()
	env, err := trust.Sign(doc, key)
	if err != nil {
		t.Fatal(err)
	}
	data, err := env.Encode()
	if err != nil {
		t.Fatal(err)
	}
	keys := t.TempDir()
	write(t, keys, "1.json", string(data))
	for name, data := range beside {
		write(t, keys, name, string(data))
	}
	r.build(indexer.Options{First: true, Trust: keys})
}

func (r *repository) build(o indexer.Options) {
	r.t.Helper()
	r.now = r.now.Add(time.Hour)
	o.Packages, o.Site, o.Signers, o.Now, o.ExpiresIn = os.DirFS(r.packages), r.dir, r.signers, r.now, 240*time.Hour
	if _, err := indexer.Publish(context.Background(), o); err != nil {
		r.t.Fatal(err)
	}
}

// draw gives every page by its path.
func (r *repository) draw() map[string][]byte {
	r.t.Helper()
	_, pages, _ := r.drawOver(nil, nil)
	return pages
}

// drawOver draws over the pages that are there, which show what before says. It
// gives all pages, what they show, and how many were drawn.
func (r *repository) drawOver(before []index.Line, there map[string][]byte) ([]index.Line, map[string][]byte, int) {
	r.t.Helper()
	opened, err := indexer.Open(context.Background(), indexer.MaintainOptions{Site: r.dir, Now: r.now, Fetch: fetch.Options{}})
	if err != nil {
		r.t.Fatal(err)
	}
	var mu sync.Mutex
	pages, drawn := map[string][]byte{}, 0
	put := func(at string, data []byte) {
		if _, ok := pages[at]; ok {
			r.t.Errorf("%s is drawn twice", at)
		}
		pages[at] = bytes.Clone(data)
	}
	err = site.Draw(context.Background(), site.Repository{
		Head: opened.Head, Lines: opened.Lines, Read: r.reader(opened), Document: opened.Document, Trust: opened.Trust, Pin: opened.Pin, Before: before,
		URL: "https://packages.example.org/acme", Source: "https://git.example.org/acme/packages",
		Keep: func(prefix string) (bool, error) {
			mu.Lock()
			defer mu.Unlock()
			var found []string
			for at := range there {
				if at == prefix || strings.HasSuffix(prefix, "/") && strings.HasPrefix(at, prefix) {
					found = append(found, at)
				}
			}
			if prefix == "pages/redis/" && there["pages/redis/1.0.0.html"] == nil {
				return false, nil
			}
			for _, at := range found {
				put(at, there[at])
			}
			return len(found) > 0, nil
		},
	}, func(p site.Page) error {
		mu.Lock()
		defer mu.Unlock()
		drawn++
		put(p.Path, p.Data)
		return nil
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return opened.Lines, pages, drawn
}

// reader is that of what is published, or of what was forged.
func (r *repository) reader(o *indexer.Opened) site.Reader {
	return func(ctx context.Context, at string, ref index.Ref) ([]byte, error) {
		data, err := o.Read(ctx, at, ref)
		if r.forge != nil {
			data = r.forge(at, data)
		}
		return data, err
	}
}

// check holds every page against the rules of all pages.
func check(t *testing.T, dir string, pages map[string][]byte) {
	t.Helper()
	for _, at := range slices.Sorted(maps.Keys(pages)) {
		if !strings.HasSuffix(at, ".html") {
			continue
		}
		if n := len(pages[at]); n > 100_000 && !strings.Contains(at, "/files/") && at != "docs/decisions.html" {
			t.Errorf("%s has %d bytes", at, n)
		}
		checkPage(t, dir, pages, at)
	}
}

func checkPage(t *testing.T, dir string, pages map[string][]byte, at string) {
	t.Helper()
	doc, err := html.Parse(bytes.NewReader(pages[at]))
	if err != nil {
		t.Fatalf("%s: %v", at, err)
	}
	ids := map[string]bool{}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "style", "iframe", "object", "embed", "img", "base":
			t.Errorf("%s has a <%s>", at, n.Data)
		case "script":
			if n.FirstChild != nil {
				t.Errorf("%s has a script of its own: %.60q", at, n.FirstChild.Data)
			}
		}
		for _, a := range n.Attr {
			checkAttribute(t, dir, pages, at, n.Data, a)
			if a.Key == "id" {
				if ids[a.Val] {
					t.Errorf("%s has the id %q twice", at, a.Val)
				}
				ids[a.Val] = true
			}
		}
	}
}

func checkAttribute(t *testing.T, dir string, pages map[string][]byte, at, element string, a html.Attribute) {
	t.Helper()
	switch {
	case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "srcset", a.Key == "formaction":
		t.Errorf("%s: <%s %s=%q>", at, element, a.Key, a.Val)
	case a.Key != "href" && a.Key != "src" && a.Key != "action":
		return
	}
	u, err := url.Parse(a.Val)
	if err != nil {
		t.Errorf("%s: <%s %s=%q>: %v", at, element, a.Key, a.Val, err)
		return
	}
	if u.Scheme != "" {
		if (u.Scheme != "https" && u.Scheme != "http" && u.Scheme != "mailto") || element == "script" || (element == "link" && a.Key == "href") {
			t.Errorf("%s: <%s %s=%q>", at, element, a.Key, a.Val)
		}
		return
	}
	if u.Path == "" {
		return
	}
	to := path.Join(path.Dir(at), u.Path)
	if at == "404.html" {
		to = strings.TrimPrefix(u.Path, "/acme/") // it is shown at any address
	}
	if _, ok := pages[to]; ok {
		return
	}
	if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(to))); err != nil {
		t.Errorf("%s: <%s %s=%q> leads nowhere", at, element, a.Key, a.Val)
	}
}

func TestPackages(t *testing.T) {
	packages := t.TempDir()
	if err := os.CopyFS(packages, os.DirFS("../packages")); err != nil {
		t.Fatal(err)
	}
	r := publish(t, packages)
	edit(t, packages, "hello/K3.yaml", "version: 1.0.0", "version: 1.1.0")
	edit(t, packages, "hello/values.yaml", "Hello from kpm", "Good morning")
	page, err := os.ReadFile(filepath.Join(packages, "hello/manifests/hello-page.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, packages, "hello/manifests/hello-page.yaml", strings.ReplaceAll(string(page), "Hello from kpm", "Good morning"))
	r.build(indexer.Options{})
	pages := r.draw()
	check(t, r.dir, pages)
	for at, texts := range map[string][]string{
		"index.html":                {"16 Kubes", `kpm repo add acme <span class="address" data-url="https://packages.example.org/acme">https://packages.example.org/acme</span> --trust 1@sha256:`, "signed by&#32;<strong>index<"},
		"list/index.html":           {"an HA Etcd cluster (3+ pods)", "deprecated"},
		"pages/hello/index.html":    {"kpm install hello<", "acme/hello@1.1.0", "not tested yet", "nothing outside its namespace", "edit this Kube", "title: &quot;Hello from kpm&quot; → &quot;Good morning&quot;"},
		"pages/hello/1.0.0.html":    {"This is not the newest release", "kpm install hello@1.0.0", "This is the first release"},
		"pages/postgres/index.html": {"scripts/pre-install.py</a> runs on your machine, confined", "resources.memory", "Memory to reserve"},
		"pages/minio/index.html":    {"Deprecated:"},
		"pages/nginx/index.html":    {"ponycorn"}, // which needs it
		"keywords/etcd/index.html":  {"etcd-standalone"},
		"docs/values.html":          {`<table class="m`, `<col class="w`},
		"feed.xml":                  {"hello 1.1.0", "https://packages.example.org/acme/pages/hello/1.1.0.html"},
		"404.html":                  {"Nothing is here"},
	} {
		for _, text := range texts {
			if !strings.Contains(string(pages[at]), text) {
				t.Errorf("%s has no %q", at, text)
			}
		}
	}
}

// A re-sign changes the home page and nothing else, and drawing twice gives the
// same bytes.
func TestSameBytes(t *testing.T) {
	r := publish(t, "../packages")
	first := r.draw()
	again := r.draw()
	for at := range first {
		if !bytes.Equal(first[at], again[at]) {
			t.Errorf("%s differs when it is drawn again", at)
		}
	}
	r.build(indexer.Options{})
	for at, data := range r.draw() {
		if at != "index.html" && !bytes.Equal(first[at], data) {
			t.Errorf("%s differs after a re-sign", at)
		}
	}
}

// What is drawn over pages that are there is what is drawn anew, and most of it
// is not drawn.
func TestDrawnOver(t *testing.T) {
	packages := t.TempDir()
	if err := os.CopyFS(packages, os.DirFS("../packages")); err != nil {
		t.Fatal(err)
	}
	r := publish(t, packages)
	lines, there, _ := r.drawOver(nil, nil)
	configMap := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
	for _, change := range []struct {
		name string
		do   func()
	}{
		{"nothing", func() {}},
		{"a release", func() { edit(t, packages, "hello/K3.yaml", "version: 1.0.0", "version: 1.1.0") }},
		{"a new Kube", func() {
			write(t, packages, "absent/K3.yaml", "name: absent\nversion: 1.0.0\ndescription: it came\n")
			write(t, packages, "absent/manifests/a.yaml", configMap)
		}},
		{"a new Kube, which needs others", func() {
			write(t, packages, "pony/K3.yaml", "name: pony\nversion: 1.0.0\ndescription: a pony\nkeywords: [etcd, horse]\ndependencies: [{name: hello}, {name: absent}]\n")
			write(t, packages, "pony/manifests/a.yaml", configMap)
		}},
		{"a Kube gone that others need", func() { gone(t, packages, "absent") }},
		{"a Kube gone", func() { gone(t, packages, "varnish") }},
		{"a dependent gone", func() { gone(t, packages, "ponycorn") }},
		{"another keyword", func() {
			edit(t, packages, "memcached/K3.yaml", "keywords: [memcached, cache, memory]", "keywords: [etcd]")
			edit(t, packages, "memcached/K3.yaml", "version: 1.0.0", "version: 1.1.0")
		}},
		{"a page lost", func() { delete(there, "pages/redis/1.0.0.html") }},
	} {
		t.Run(change.name, func(t *testing.T) {
			r.t = t
			change.do()
			r.build(indexer.Options{})
			var drawn int
			lines, there, drawn = r.drawOver(lines, there)
			all := r.draw()
			for at := range all {
				if !bytes.Equal(there[at], all[at]) {
					t.Errorf("%s differs", at)
				}
			}
			if len(there) != len(all) {
				t.Errorf("%d pages, and %d drawn anew", len(there), len(all))
			}
			if drawn > len(all)*2/3 { // the files of the search are many, for so few Kubes
				t.Errorf("%d of %d pages were drawn again", drawn, len(all))
			}
		})
	}
}

// A Kube that comes or goes changes nobody's number, and no shard but those of its words.
func TestNumbersStay(t *testing.T) {
	packages := t.TempDir()
	if err := os.CopyFS(packages, os.DirFS("../packages")); err != nil {
		t.Fatal(err)
	}
	r := publish(t, packages)
	before := r.draw()
	gone(t, packages, "memcached")
	write(t, packages, "aardvark/K3.yaml", "name: aardvark\nversion: 1.0.0\ndescription: zyzzyva\n")
	write(t, packages, "aardvark/manifests/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
	r.build(indexer.Options{})
	after := r.draw()
	names, now := searched(t, before), searched(t, after)
	for i, name := range names {
		if name == "memcached" {
			name = ""
		}
		if now[i] != name {
			t.Errorf("number %d is %q, not %q", i, now[i], name)
		}
	}
	if len(now) != len(names)+1 || now[len(names)] != "aardvark" {
		t.Errorf("the names are %q", now)
	}
	same, all := 0, 0
	for at := range before {
		if strings.HasPrefix(at, "assets/search/w-") {
			all++
			if bytes.Equal(before[at], after[at]) {
				same++
			}
		}
	}
	for at, changes := range map[string]bool{"assets/search/w-me.js": true, "assets/search/w-zy.js": true, "assets/search/w-et.js": false} {
		if bytes.Equal(before[at], after[at]) == changes {
			t.Errorf("%s: changed is not %v", at, changes)
		}
	}
	if same < all/2 {
		t.Errorf("%d of %d shards are the same", same, all)
	}
}

// searched are the names that the search knows, by their numbers.
func searched(t *testing.T, pages map[string][]byte) []string {
	t.Helper()
	_, list, ok := strings.Cut(string(pages["assets/search/names.js"]), `"names":"`)
	list, _, _ = strings.Cut(list, `"`)
	if !ok {
		t.Fatal("no names")
	}
	return strings.Split(list, " ")
}

func gone(t *testing.T, packages, name string) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(packages, name)); err != nil {
		t.Fatal(err)
	}
	write(t, packages, name+"/releases.yaml", "gone: it left\n")
}

// What an author writes runs nothing and goes nowhere but to the web.
func TestHostile(t *testing.T) {
	packages := t.TempDir()
	evil := `"><script>alert(1)</script><img src=x onerror=alert(1)>'`
	for at, text := range map[string]string{
		"evil/K3.yaml": "name: evil\nversion: 1.0.0\ndescription: '" + strings.ReplaceAll(evil, "'", "''") + "'\ndetails: '" + strings.ReplaceAll(evil, "'", "''") + "'\nhome: 'javascript:alert(1)'\n" +
			"maintainers: ['A <javascript:alert(1)>', 'B <b@example.org?body=x\" onclick=alert(1)>', 'javascript:alert(1)']\nlicense: '<b>'\ndeprecated: '" + strings.ReplaceAll(evil, "'", "''") + "'\n" +
			"keywords: ['\"><script>alert(2)</script>', '../../x', 'index', 'https://a.example']\ndependencies: [{name: javascript}]\n",
		"javascript/K3.yaml":          "name: javascript\nversion: 1.0.0\ndescription: it has a name\n",
		"javascript/manifests/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
		"evil/README.md": "# <script>alert(1)</script>\n\n[a](javascript:alert(1)) [b](data:text/html,x) ![c](https://evil.example/track.png) <a href=\"javascript:alert(1)\" onclick=\"alert(1)\" style=\"x\" id=\"q\">d</a>\n\n" +
			"<iframe src=\"https://evil.example\"></iframe><style>*{display:none}</style><form action=\"https://evil.example\"><input id=q></form><svg onload=alert(1)></svg>\n\n## q\n\n## main\n\n<h2 id=\"readme-main\">twice</h2>\n",
		"evil/manifests/a'&amp;(1) x.yaml": "apiVersion: evil.example/v1\nkind: Evil\nmetadata: {name: \"</code><script>alert(1)</script>\"}\ndata: {a: '</pre><script>alert(1)</script>'}\n",
		"evil/manifests/b.yaml.tmpl":       "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\ndata: {a: {{ a | to_json }}}\n",
		"evil/values.yaml":                 "a: '" + strings.ReplaceAll(evil, "'", "''") + "'\n'</td><script>': 1\n",
		"evil/values.schema.json":          `{"properties":{"a":{"description":"</td><script>alert(1)</script>","type":["string","null"],"examples":["</td><script>"]},"b":{"enum":["</td><script>alert(1)</script>"]},"c":{"$ref":"#/properties/c"}}}`,
		"evil/tests/x.yaml":                "apiVersion: v1\nkind: Pod\nmetadata: {name: t}\nspec: {containers: [{name: c, image: \"c:1\"}]}\n",
	} {
		write(t, packages, at, text)
	}
	r := publish(t, packages)
	pages := r.draw()
	check(t, r.dir, pages)
	for at, data := range pages {
		if strings.HasSuffix(at, ".html") && bytes.Contains(data, []byte("evil.example/track")) && bytes.Contains(data, []byte("<img")) {
			t.Errorf("%s has an image of another origin", at)
		}
	}
}

func write(t *testing.T, dir, at, text string) {
	t.Helper()
	full := filepath.Join(dir, filepath.FromSlash(at))
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func edit(t *testing.T, dir, at, from, to string) {
	t.Helper()
	full := filepath.Join(dir, filepath.FromSlash(at))
	data, err := os.ReadFile(full)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), from) {
		t.Fatalf("%s has no %q", at, from)
	}
	write(t, dir, at, strings.Replace(string(data), from, to, 1))
}

// Each page of docs is a guide of the site, once.
func TestGuidesAreAll(t *testing.T) {
	r := publish(t, "../packages")
	pages := r.draw()
	names, err := fs.Glob(docs.Files, "*.md")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	contents := string(pages["docs/index.html"])
	for _, name := range names {
		if link := `href="../docs/` + strings.TrimSuffix(name, ".md") + `.html"`; strings.Count(contents, link) < 1 {
			t.Errorf("%s is no guide", name)
		}
	}
}
