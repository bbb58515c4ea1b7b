package mirror_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/kpm-sh/kpm/client/mirror"
	"github.com/kpm-sh/kpm/internal/atomicfile"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/images/layout"
	"github.com/kpm-sh/kpm/internal/images/registry"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/mirrorfile"
	"github.com/kpm-sh/kpm/internal/sitetest"
	"github.com/kpm-sh/kpm/internal/trust"
)

// order is what the process that is killed is told.
type order struct {
	URL, Dir string
	Pin      trust.Pin
	Now      time.Time
}

// TestMain is a mirror run where it is told to be one.
func TestMain(m *testing.M) {
	text := os.Getenv("MIRROR_ORDER")
	if text == "" {
		os.Exit(m.Run())
	}
	var o order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		panic(err)
	}
	s, err := fetch.Open(o.URL, fetch.Options{})
	if err != nil {
		panic(err)
	}
	c := registry.New(registry.Options{Keychain: authn.NewMultiKeychain()})
	say := func(string) {}
	_, err = mirror.Run(context.Background(), mirror.Options{
		Origin: mirror.Origin{Sources: []*fetch.Source{s}, Pin: &o.Pin}, Dir: o.Dir, Images: c,
		Now: func() time.Time { return o.Now }, Warn: say, Note: say,
	})
	if err != nil {
		panic(err)
	}
}

// kills is how often TestKilled kills.
func kills() int {
	if os.Getenv("KPM_SOAK") != "" {
		return 60
	}
	return 5
}

// TestKilled: kill -9 at random moments: the same command converges, verify finds nothing,
// and no half file is ever there to be served.
func TestKilled(t *testing.T) {
	k := newImageKit(t)
	began := time.Now()
	k.killed(time.Hour) // how long a whole run takes
	whole := time.Since(began)
	for i := range kills() {
		if i%5 == 0 {
			if err := os.RemoveAll(k.dir); err != nil {
				t.Fatal(err)
			}
		}
		k.killed(time.Duration(rand.Int64N(int64(whole))))
		k.allWhole()
	}
	if _, err := k.mirror(); err != nil {
		t.Fatal(err)
	}
	k.verify()
	k.allWhole()
}

// TestNotWholeFromTheFirstWrite: mirror.json says so before anything else of a new head is
// written, so that the run after a kill removes what that one left.
func TestNotWholeFromTheFirstWrite(t *testing.T) {
	k := newKit(t)
	k.run()
	k.site.Publish(sitetest.Release("hello", "1.1.0"))
	begun := len(filesOf(t, k.dir))
	left := filepath.Join(k.dir, "objects", atomicfile.TempPrefix+"1")
	k.site.Misbehave(func(http.ResponseWriter, *http.Request) bool {
		if len(filesOf(t, k.dir)) == begun {
			return false
		}
		if note, err := os.ReadFile(filepath.Join(k.dir, mirrorfile.Path)); err != nil || !bytes.Contains(note, []byte(`"whole":false`)) {
			t.Errorf("beside a new file: %s, %v", note, err)
		}
		if err := os.WriteFile(left, nil, 0o600); err != nil {
			t.Error(err)
		}
		panic(http.ErrAbortHandler)
	})
	if _, err := mirror.Run(t.Context(), k.options()); err == nil {
		t.Fatal("it was not cut short")
	}
	k.site.Misbehave(nil)
	if _, err := os.Stat(left); err != nil {
		t.Fatal(err)
	}
	k.run()
	k.verify()
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what was left: %v", err)
	}
}

func filesOf(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(at string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all = append(all, at)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return all
}

// killed mirrors in a process of its own that is killed after a while.
func (k *imageKit) killed(after time.Duration) {
	k.t.Helper()
	text, err := json.Marshal(order{k.site.URL, k.dir, k.site.Pin, k.site.Now})
	if err != nil {
		k.t.Fatal(err)
	}
	cmd := exec.CommandContext(k.t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "MIRROR_ORDER="+string(text))
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	killer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() }) //nolint:errcheck // it has ended
	err = cmd.Wait()
	if killer.Stop() && err != nil {
		k.t.Fatalf("%v: %s", err, out.String())
	}
}

// allWhole compares every file that could be served with what it has to be.
func (k *imageKit) allWhole() {
	k.t.Helper()
	err := filepath.WalkDir(k.dir, func(at string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") || strings.HasSuffix(at, ".part") {
			return err
		}
		rel, err := filepath.Rel(k.dir, at)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(at)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		switch {
		case rel == "mirror.json" || rel == "images/index.json" || rel == "images/oci-layout":
			if !json.Valid(data) {
				k.t.Errorf("%s is %q", rel, data)
			}
		case strings.HasPrefix(rel, "images/"):
			if got := "sha256:" + string(index.DigestOf(data)); !strings.HasSuffix(got, d.Name()) {
				k.t.Errorf("%s has other bytes", rel)
			}
		case !bytes.Equal(data, k.site.Get(rel)):
			k.t.Errorf("%s is not the origin's", rel)
		}
		return nil
	})
	if err != nil && !os.IsNotExist(err) {
		k.t.Error(err)
	}
	l := layout.Layout{Dir: filepath.Join(k.dir, "images")}
	entries, _ := l.Entries() //nolint:errcheck // an index that cannot be read was told
	l.Verify(entries, nil, func(format string, args ...any) { k.t.Errorf(format, args...) })
}
