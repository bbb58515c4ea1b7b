package journey

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/images/registrytest"
	"github.com/kpm-sh/kpm/internal/nginxtest"
)

// standByAGap serves acme on the near side of an air gap, with images in a registry that
// is there, and has an internal registry and a certificate for the far side, whose home is
// another one. docs/air-gap.md calls them mirror.corp and registry.corp.
func (r *reader) standByAGap() {
	r.t.Helper()
	near, far := registrytest.NewFake(r.t), registrytest.NewFake(r.t)
	registrytest.Push(r.t, near.Host+"/etcd-development/etcd:v3.6.11", registrytest.Index(r.t, 1))
	registrytest.Push(r.t, near.Host+"/nginxinc/nginx-unprivileged:1.30.4-alpine", registrytest.Index(r.t, 2))
	for _, name := range []string{"etcd-standalone", "nginx"} {
		if err := os.CopyFS(r.path("packages/"+name), os.DirFS(filepath.Join("..", "..", "packages", name))); err != nil {
			r.t.Fatal(err)
		}
	}
	r.must("sh", "-c", "grep -rlE 'image: (gcr.io|nginxinc)' "+r.path("packages")+" | xargs sed -i -E 's#image: (gcr.io/)?#image: "+near.Host+"/#'")
	keys := r.path("acme-keys")
	r.pin = pin.FindString(r.must(r.index, "trust", "init", "--out", keys, "--name", "acme").out)
	r.must(r.index, "build", "--packages", r.path("packages"), "--out", r.path("site"), "--first", "--trust", keys, "--key", filepath.Join(keys, "index.key"), "--resolve-images=require")
	r.serve()
	cert, key := registrytest.Certificate(r.t, r.t.TempDir())
	r.env = append(r.env, "SSL_CERT_FILE="+cert)
	fmt.Fprintf(&r.script, "cp %s tls.crt\ncp %s tls.key\nmkdir %s\nkpm repo add acme %s --trust %s\nkpm update\n", cert, key, r.path("stick"), r.url, r.pin)
	r.words = []string{
		"/media/stick", r.path("stick"), "/srv/acme", r.path("srv"), "registry.corp", far.Host,
		"https://mirror.corp", "$(head -n 1 ~/served.txt)", "mirror.corp/", "$(sed 's#https://##' ~/served.txt)/",
		"--tls-key tls.key", "--tls-key tls.key >~/served.txt &\nuntil [ -s ~/served.txt ]; do kill -0 $!; sleep 0.05; done\nexport KPM_HOME=~/far", "0.0.0.0:443", "127.0.0.1:0",
	}
}

// TestAnyWebServer: nginx and file:// serve the site half of a mirror; what was left out of
// it is UNMIRRORED, and kpm says where it is.
func TestAnyWebServer(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	if refused := s.publish(filepath.Join("..", "..", "packages")); len(refused) > 0 {
		t.Fatal(refused)
	}
	dst, key := s.path("mirror"), s.path("keys/index.key.pub")
	s.must(s.kpm, "mirror", s.path("site"), dst, "--key", key, "--only", "ponycorn")
	for name, url := range map[string]func(*testing.T) string{
		"file":  func(*testing.T) string { return "file://" + filepath.ToSlash(dst) },
		"nginx": func(t *testing.T) string { return serveByNginx(t, dst) },
	} {
		t.Run(name, func(t *testing.T) {
			user := *s
			user.t, user.url = t, url(t)
			far := user.as(name)
			far.must(far.kpm, "update")
			far.must(far.kpm, "get", "ponycorn")
			far.must(far.kpm, "template", "ponycorn")
			r := far.run(far.kpm, "get", "redis")
			if r.code != 4 || !strings.Contains(r.err, "UNMIRRORED") || !strings.Contains(r.err, s.path("site")) {
				t.Errorf("of what was left out: %d %s", r.code, r.err)
			}
		})
	}
}

// serveByNginx serves a folder, and gives its address.
func serveByNginx(t *testing.T, dir string) string {
	t.Helper()
	return "http://" + nginxtest.Start(t, func(address string) string {
		return fmt.Sprintf("server { listen %s; root %s; gzip on; gzip_types application/json; }", address, dir)
	})
}
