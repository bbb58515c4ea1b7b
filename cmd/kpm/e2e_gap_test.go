package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kpm-sh/kpm/internal/images/registrytest"
)

// gap is what lies on both sides of an air gap, beside the real node of the far one.
type gap struct {
	t        *testing.T
	socket   string // of containerd
	registry *registrytest.Fake
}

// near starts a registry that has an image of two platforms under each reference, and
// sets $NEAR: near app/play:1 … The node has none of their layers.
func (g *gap) near(ts *testscript.TestScript, _ bool, refs []string) {
	g.registry = registrytest.NewFake(g.t)
	file := ts.MkAbs("play.tar")
	g.ctr(ts, "images", "export", file, "kpm.sh/e2e/play:1")
	play, err := tarball.ImageFromPath(file, nil)
	ts.Check(err)
	for i, ref := range refs {
		index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
		for _, add := range []mutate.IndexAddendum{
			{Add: renamed(ts, play, ref), Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: runtime.GOARCH}}},
			{Add: registrytest.Image(g.t, int64(i), 1, 1000), Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "s390x"}}},
		} {
			index = mutate.AppendManifests(index, add)
		}
		registrytest.Push(g.t, g.registry.Host+"/"+ref, index)
	}
	ts.Setenv("NEAR", g.registry.Host)
	ts.Setenv("BELOW", strings.ReplaceAll(g.registry.Host, ":", "_"))
	ts.Setenv("PLATFORM", "linux/"+runtime.GOARCH)
}

// renamed is an image of the same program in one layer, with one more file.
func renamed(ts *testscript.TestScript, image v1.Image, name string) v1.Image {
	var files bytes.Buffer
	w := tar.NewWriter(&files)
	flat := mutate.Extract(image)
	r := tar.NewReader(flat)
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		ts.Check(err)
		ts.Check(w.WriteHeader(h))
		_, err = io.Copy(w, r)
		ts.Check(err)
	}
	ts.Check(flat.Close())
	ts.Check(w.WriteHeader(&tar.Header{Name: "name", Mode: 0o644, Size: int64(len(name))}))
	_, err := io.WriteString(w, name)
	ts.Check(err)
	ts.Check(w.Close())
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(files.Bytes())), nil })
	ts.Check(err)
	out, err := mutate.AppendLayers(mutate.MediaType(empty.Image, types.OCIManifestSchema1), layer)
	ts.Check(err)
	config, err := image.ConfigFile()
	ts.Check(err)
	mine, err := out.ConfigFile()
	ts.Check(err)
	mine = mine.DeepCopy()
	mine.OS, mine.Architecture, mine.Config = "linux", runtime.GOARCH, config.Config
	out, err = mutate.ConfigFile(out, mine)
	ts.Check(err)
	return out
}

// gone ends the near registry.
func (g *gap) gone(*testscript.TestScript, bool, []string) { g.registry.Gone() }

// serve serves a folder with TLS, by kpm-indexer; sets $URL, $FAR, its host, and
// SSL_CERT_FILE, and tells containerd of the certificate: serve DIR
func (g *gap) serve(ts *testscript.TestScript, _ bool, args []string) {
	cert, key := newCertificate(ts, "127.0.0.1")
	files := map[string][]byte{"tls.crt": cert, "tls.key": key}
	for name, data := range files {
		ts.Check(os.WriteFile(ts.MkAbs(name), data, 0o600))
	}
	program, err := filepath.Abs("../../bin/kpm-indexer")
	ts.Check(err)
	cmd := exec.Command(program, "serve", ts.MkAbs(args[0]), "--listen", "127.0.0.1:0", "--tls-cert", ts.MkAbs("tls.crt"), "--tls-key", ts.MkAbs("tls.key"))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() {
		_ = cmd.Process.Kill() //nolint:errcheck // it may have ended
		_ = cmd.Wait()         //nolint:errcheck // it was killed
	})
	url, err := bufio.NewReader(out).ReadString('\n')
	ts.Check(err)
	url = strings.TrimSpace(url)
	ts.Setenv("URL", url)
	ts.Setenv("FAR", strings.TrimPrefix(url, "https://"))
	ts.Setenv("SSL_CERT_FILE", ts.MkAbs("tls.crt"))
	g.hosts(ts, ts.Getenv("FAR"))
}

// mirrored tells containerd to ask what is served instead of a host, as docs/air-gap.md
// says: mirrored HOST
func (g *gap) mirrored(ts *testscript.TestScript, _ bool, args []string) { g.hosts(ts, args[0]) }

// hosts writes the settings of a host that the guide shows.
func (g *gap) hosts(ts *testscript.TestScript, host string) {
	guide, err := os.ReadFile("../../docs/air-gap.md")
	ts.Check(err)
	_, block, found := strings.Cut(string(guide), "\n    server = ")
	if !found {
		ts.Fatalf("docs/air-gap.md shows no settings of containerd")
	}
	block, _, _ = strings.Cut("server = "+block, "\n\n")
	text := strings.NewReplacer("https://mirror.corp", ts.Getenv("URL"), "/etc/containerd/mirror.corp.crt", ts.MkAbs("tls.crt")).Replace(block)
	dir := filepath.Join(filepath.Dir(g.socket), "certs.d", host)
	ts.Check(os.MkdirAll(dir, 0o755))
	ts.Check(os.WriteFile(filepath.Join(dir, "hosts.toml"), []byte(text), 0o600))
}

func (g *gap) ctr(ts *testscript.TestScript, args ...string) {
	out, err := exec.Command("ctr", append([]string{"--address", g.socket, "--namespace", "k8s.io"}, args...)...).CombinedOutput()
	if err != nil {
		ts.Fatalf("ctr %s: %v: %s", strings.Join(args, " "), err, out)
	}
}
