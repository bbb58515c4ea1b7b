package indexer_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/signing/signer"
)

// day is the day that the tests begin on.
var day = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

const days = 24 * time.Hour

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// kit is a packages folder, the site that it is published into, and the keys.
// It is valid; each test breaks one thing.
type kit struct {
	t        testing.TB
	dir      string
	packages string
	site     string
	trust    string // folder of 1.json
	now      time.Time

	trustKey, spareKey, key *signer.Key
	document                *trust.Document // the newest one, as it was signed
}

// newKit makes a kit with the Kube pony 1.0.0, not published yet.
func newKit(t testing.TB) *kit {
	t.Helper()
	dir := t.TempDir()
	k := kitIn(dir)
	k.t = t
	k.document = indexer.FirstTrust("acme", k.trustKey.Public(), k.spareKey.Public(), trust.KeySigner(k.key.Public()), nil, day.Add(365*days), 30)
	k.signTrust(k.trustKey, k.spareKey)
	k.kube("pony", "1.0.0")
	return k
}

// kitIn is the kit that lies in dir.
func kitIn(dir string) *kit {
	return &kit{
		dir: dir, packages: filepath.Join(dir, "packages"), site: filepath.Join(dir, "site"), trust: filepath.Join(dir, "trust"), now: day,
		trustKey: testKey("a"), spareKey: testKey("b"), key: testKey("c"),
	}
}

func testKey(name string) *signer.Key {
	return must(signer.ParseKey(must(os.ReadFile("../signing/testdata/"+name+".key")), nil))
}

// signTrust writes the trust document into the folder trust.
func (k *kit) signTrust(keys ...trust.SigningKey) {
	k.t.Helper()
	env, err := trust.Sign(k.document, keys...)
	if err != nil {
		k.t.Fatal(err)
	}
	k.write(fmt.Sprintf("trust/%d.json", k.document.Version), string(must(env.Encode())))
}

// write writes a file of the kit.
func (k *kit) write(path, content string) {
	k.t.Helper()
	at := filepath.Join(k.dir, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		k.t.Fatal(err)
	}
	if err := os.WriteFile(at, []byte(content), 0o644); err != nil {
		k.t.Fatal(err)
	}
}

// remove removes a file or folder of the kit, which must be there.
func (k *kit) remove(path string) {
	k.t.Helper()
	at := filepath.Join(k.dir, filepath.FromSlash(path))
	if _, err := os.Stat(at); err != nil {
		k.t.Fatal(err)
	}
	if err := os.RemoveAll(at); err != nil {
		k.t.Fatal(err)
	}
}

func (k *kit) read(path string) string {
	k.t.Helper()
	data, err := os.ReadFile(filepath.Join(k.dir, filepath.FromSlash(path)))
	if err != nil {
		k.t.Fatal(err)
	}
	return string(data)
}

// kube writes the folder of a Kube that is valid and has no warnings.
func (k *kit) kube(name, version string) {
	k.t.Helper()
	for path, content := range kubeFiles(name, version) {
		k.write("packages/"+name+"/"+path, content)
	}
}

func kubeFiles(name, version string) map[string]string {
	return map[string]string{
		"K3.yaml": fmt.Sprintf("name: %s\nversion: %s\ndescription: A Kube to test with\nhome: https://example.org\ndetails: It is %s in %s.\nmaintainers: [Ann Author <ann@example.org>]\nlicense: MIT\n",
			name, version, name, version),
		"manifests/config.yaml": fmt.Sprintf("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: %s\ndata:\n  version: %q\n", name, version),
		"README.md":             fmt.Sprintf("# %s %s\n", name, version),
	}
}

// releases writes the releases.yaml of a Kube.
func (k *kit) releases(name, content string) {
	k.write("packages/"+name+"/releases.yaml", content)
}

// gone leaves nothing in the folder of a Kube but why it is gone.
func (k *kit) gone(name, reason string) {
	k.remove("packages/" + name)
	k.releases(name, "gone: "+reason+"\n")
}

func (k *kit) options() indexer.Options {
	return indexer.Options{
		Packages: os.DirFS(k.packages), Site: k.site, Signers: []signer.Signer{k.key.Signer()}, ExpiresIn: 14 * days, Now: k.now,
		Fetch: fetch.Options{Pause: time.Nanosecond},
	}
}

func (k *kit) maintain() indexer.MaintainOptions {
	return indexer.MaintainOptions{Site: k.site, Now: k.now, Fetch: fetch.Options{Pause: time.Nanosecond}}
}

// first publishes the packages folder for the first time.
func (k *kit) first() *indexer.Result {
	k.t.Helper()
	return k.publish(starting(k.trust))
}

// starting are the changes for a first publish.
func starting(trust string) func(*indexer.Options) {
	return func(o *indexer.Options) { o.First, o.Trust = true, trust }
}

// publish publishes the packages folder, an hour after the last time.
func (k *kit) publish(change ...func(*indexer.Options)) *indexer.Result {
	k.t.Helper()
	res, err := k.try(change...)
	if err != nil {
		k.t.Fatalf("publishing: %v", err)
	}
	return res
}

func (k *kit) try(change ...func(*indexer.Options)) (*indexer.Result, error) {
	k.now = k.now.Add(time.Hour)
	o := k.options()
	for _, c := range change {
		c(&o)
	}
	told, checked := k.check(o)
	res, err := indexer.Publish(context.Background(), o)
	var ps kube.Problems
	if refused := errors.As(err, &ps); checked && (refused || err == nil) {
		for _, p := range ps {
			contains(k.t, told.Error(), p.String())
		}
		if (len(told) > 0) != refused {
			k.t.Errorf("check against what is published says\n%v\nand building says\n%v", told, err)
		}
	}
	return res, err
}

// check is what a check against the published site has to refuse; there is none
// for a first publish, and a damaged site is none to compare with.
func (k *kit) check(o indexer.Options) (told kube.Problems, checked bool) {
	if o.First || o.Previous != "" || o.KeepGoing {
		return nil, false
	}
	m := k.maintain()
	m.Trust = o.Trust
	got, err := indexer.Check(context.Background(), indexer.CheckOptions{Packages: o.Packages, Previous: &m})
	if err != nil {
		return nil, false
	}
	return got.Problems.Errors(), true
}

// refused fails unless publishing is refused with every text in the error, and
// leaves the site as it was, byte for byte.
func (k *kit) refused(texts []string, change ...func(*indexer.Options)) error {
	k.t.Helper()
	before := tree(k.t, k.site)
	_, err := k.try(change...)
	if err == nil {
		k.t.Fatal("published what must be refused")
	}
	contains(k.t, err.Error(), texts...)
	same(k.t, before, tree(k.t, k.site))
	return err
}

// audit fails unless the site has no fault.
func (k *kit) audit() *indexer.Audited {
	k.t.Helper()
	a, err := indexer.Audit(context.Background(), k.maintain())
	if err != nil {
		k.t.Fatalf("auditing: %v", err)
	}
	if len(a.Findings) > 0 {
		k.t.Fatalf("the audit found:\n%s", strings.Join(a.Findings, "\n"))
	}
	return a
}

// head is the published head.
func (k *kit) head() *index.Head {
	k.t.Helper()
	return k.envelope().head
}

// envelope is the published head with its envelope.
func (k *kit) envelope() signed {
	k.t.Helper()
	return openSigned(k.t, []byte(k.read("site/v1/index.json")))
}

// headCopy is where the copy of the published head lies, which nothing needs
// before the next publish.
func (k *kit) headCopy() string {
	return index.ObjectPath(index.DigestOf([]byte(k.read("site/" + index.HeadPath))))
}

// line is the record of a Kube that a new client finds.
func (k *kit) line(name string) index.Line {
	k.t.Helper()
	l, ok := k.client().lines[name]
	if !ok {
		k.t.Fatalf("%s has no record", name)
	}
	return l
}

// releasesOf is the document of a Kube.
func (k *kit) releasesOf(name string) *index.Document {
	k.t.Helper()
	l := k.line(name)
	d, err := index.DecodeDocument(l.Record, must(readObject(k.site)(l.Doc)))
	if err != nil {
		k.t.Fatal(err)
	}
	return d
}

func contains(t testing.TB, got string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(got, text) {
			t.Errorf("got %q, want %q in it", got, text)
		}
	}
}

// problems are the problems that an error carries, as text.
func problems(t testing.TB, err error) []string {
	t.Helper()
	var ps kube.Problems
	if !errors.As(err, &ps) {
		t.Fatalf("got %v, want problems of Kubes", err)
	}
	return strings.Split(ps.Error(), "\n")
}

// copyTree copies a folder, but for dotfiles.
func copyTree(t testing.TB, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(at string, d fs.DirEntry, err error) error {
		if err != nil || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		dst := filepath.Join(to, must(filepath.Rel(from, at)))
		if d.IsDir() {
			return os.MkdirAll(dst, 0o755)
		}
		data, err := os.ReadFile(at)
		if err != nil {
			return err
		}
		return os.WriteFile(dst, data, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}
