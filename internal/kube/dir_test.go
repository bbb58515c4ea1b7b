package kube_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/kube"
)

// onDisk writes pony into a folder.
func onDisk(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range pony(t).Files {
		p := filepath.Join(dir, filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		mode := fs.FileMode(0o640)
		if f.Exec {
			mode = 0o700
		}
		if err := os.WriteFile(p, f.Data, mode); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestReadDirPacksAlike(t *testing.T) {
	want := pony(t)
	got, ps := kube.ReadDir(os.DirFS(onDisk(t)), "pony")
	if len(ps) > 0 {
		t.Fatal(ps)
	}
	if os.PathSeparator == '\\' {
		want.Files[len(want.Files)-1].Exec = false
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
	if !bytes.Equal(pack(t, got), pack(t, want)) {
		t.Error("the folder packs to other bytes than the Kube")
	}
}

func TestReadDirRefusesModes(t *testing.T) {
	for mode, want := range map[fs.FileMode]string{
		fs.ModeSymlink:                    "docs/x: is a symbolic link; a Kube holds files only",
		fs.ModeNamedPipe:                  "docs/x: is a named pipe; a Kube holds files only",
		fs.ModeSocket:                     "docs/x: is a socket; a Kube holds files only",
		fs.ModeDevice:                     "docs/x: is a device; a Kube holds files only",
		fs.ModeDevice | fs.ModeCharDevice: "docs/x: is a device; a Kube holds files only",
		fs.ModeIrregular:                  "docs/x: is no regular file; a Kube holds files only",
	} {
		files := mapFS(t)
		files["docs/x"] = &fstest.MapFile{Mode: mode}
		_, ps := kube.ReadDir(files, "pony")
		if got := ps.Error(); got != want {
			t.Errorf("%v: got %q, want %q", mode, got, want)
		}
	}
}

func TestReadDirRefusesLinksOnDisk(t *testing.T) {
	dir := onDisk(t)
	outside := t.TempDir()
	for link, target := range map[string]string{"README.md": filepath.Join(dir, "K3.yaml"), "docs": outside, "releases.yaml": "K3.yaml"} {
		_ = os.Remove(filepath.Join(dir, link))
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Skip("no symbolic links here: ", err)
		}
	}
	_, ps := kube.ReadDir(os.DirFS(dir), "pony")
	if got := strings.Count(ps.Error(), "is a symbolic link"); got != 3 {
		t.Errorf("%d links refused, want 3:\n%s", got, ps)
	}
}

// mapFS is pony as an fs.FS.
func mapFS(t testing.TB) fstest.MapFS {
	files := fstest.MapFS{}
	for _, f := range pony(t).Files {
		files[f.Path] = &fstest.MapFile{Data: f.Data, Mode: 0o644}
	}
	return files
}

func TestReadDirCaps(t *testing.T) {
	for want, more := range map[string]func(fstest.MapFS){
		"manifests/z.yaml: is 4194305 bytes, more than 4194304": func(files fstest.MapFS) {
			files["manifests/z.yaml"] = &fstest.MapFile{Data: make([]byte, kube.MaxManifest+1)}
		},
		"K3.yaml: is 65537 bytes, more than 65536": func(files fstest.MapFS) {
			files["K3.yaml"] = &fstest.MapFile{Data: make([]byte, kube.MaxMeta+1)}
		},
		"more than 67108864 bytes; big is where it is too much": func(files fstest.MapFS) {
			files["big"] = &fstest.MapFile{Data: make([]byte, kube.MaxTotal)}
		},
		"more than 4096 files": func(files fstest.MapFS) {
			for i := range kube.MaxFiles {
				files[fmt.Sprintf("x/%d", i)] = &fstest.MapFile{}
			}
		},
	} {
		files := mapFS(t)
		more(files)
		_, ps := kube.ReadDir(files, "pony")
		if got := ps.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// brokenFS cannot open one of its files.
type brokenFS struct {
	fstest.MapFS
	broken string
}

func (b brokenFS) Open(name string) (fs.File, error) {
	if name == b.broken {
		return nil, errors.New("disk on fire")
	}
	return b.MapFS.Open(name)
}

func TestReadDirReportsReadErrors(t *testing.T) {
	for _, broken := range []string{"README.md", "K3.yaml", "releases.yaml"} {
		files := mapFS(t)
		files["releases.yaml"] = &fstest.MapFile{Data: []byte("gone: away\n")}
		_, ps := kube.ReadDir(brokenFS{files, broken}, "pony")
		if got, want := ps.Error(), broken+": disk on fire"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if _, ps := kube.ReadDir(os.DirFS(filepath.Join(t.TempDir(), "none")), "pony"); ps.Err() == nil {
		t.Error("a folder that is not there is a Kube")
	}
}

func ExampleReadDir() {
	folder := fstest.MapFS{
		"K3.yaml":           {Data: []byte("name: pony\nversion: v1\ndescription: A pony\n")},
		"manifests/pod.yml": {Data: []byte("kind: Pod\n")},
	}
	_, problems := kube.ReadDir(folder, "pony")
	for _, p := range problems {
		fmt.Println(p)
	}
	// Output:
	// K3.yaml: warning: details is missing
	// K3.yaml: warning: home is missing
	// K3.yaml: warning: maintainers is missing
	// K3.yaml:2: version "v1": write three numbers, as in 1.0.0
	// manifests/pod.yml: manifests holds .yaml, .json, .yaml.tmpl and .json.tmpl: rename it to pod.yaml
}

// growingFS lists one of its files as it was before its last byte was written.
type growingFS struct {
	fstest.MapFS
	growing string
}

func (g growingFS) Open(name string) (fs.File, error) {
	f, err := g.MapFS.Open(name)
	if name == g.growing && err == nil {
		f = grownFile{f, strings.NewReader(string(g.MapFS[name].Data) + "#")}
	}
	return f, err
}

type grownFile struct {
	fs.File
	*strings.Reader
}

func (f grownFile) Read(p []byte) (int, error) { return f.Reader.Read(p) }

func TestReadDirRefusesAFileThatGrows(t *testing.T) {
	_, ps := kube.ReadDir(growingFS{mapFS(t), "README.md"}, "pony")
	if got, want := ps.Error(), "README.md: grew while it was read"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
