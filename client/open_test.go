package client

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/sharedtest"
	"github.com/kpm-sh/kpm/internal/sitetest"
	"github.com/kpm-sh/kpm/internal/trust"
)

// listen makes a client keep what it tells.
func listen(c *Client) *[]string {
	var told []string
	hear := func(n repos.Notice) {
		text := n.Text
		if n.Warning {
			text = "WARNING: " + text
		}
		told = append(told, text)
	}
	c.Notice, c.Repos.Notice = hear, hear
	return &told
}

// said reports whether one of some texts contains part.
func said(told []string, part string) bool {
	return strings.Contains(strings.Join(told, "\n"), part)
}

func open(t *testing.T, c *Client, text string) (*Opened, error) {
	t.Helper()
	ref, err := repos.ParseRef(text)
	must(t, err)
	return c.Open(t.Context(), ref, false)
}

// A bare NAME means the working copy, and says so; NAME@V and REPO/NAME never do.
func TestTakeTheWorkingCopy(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	c := clientOf(t, s)
	update(t, c)
	told := listen(c)
	got, err := open(t, c, "a")
	must(t, err)
	if !got.Verified() || got.Copy != nil || len(*told) > 0 {
		t.Errorf("without a copy: got %+v, told %q", got, *told)
	}
	co, err := get(t, c, "a")
	must(t, err)
	got, err = open(t, c, "a")
	must(t, err)
	if got.Verified() || got.Copy == nil || !said(*told, "Using your copy "+co.Dir) || said(*told, "edited") {
		t.Errorf("with a copy: got %+v, told %q", got, *told)
	}
	sharedtest.Write(t, filepath.Join(co.Dir, "mine.txt"), "mine")
	got, err = open(t, c, "a")
	must(t, err)
	if _, ok := got.Kube.File("mine.txt"); !ok || !said(*told, "Using your copy "+co.Dir+", edited") {
		t.Errorf("with an edited copy: told %q", *told)
	}
	*told = nil
	for _, ref := range []string{"a@1.0.0", "main/a"} {
		got, err = open(t, c, ref)
		must(t, err)
		if !got.Verified() || len(*told) > 0 {
			t.Errorf("%s: got %+v, told %q", ref, got, *told)
		}
	}
	must(t, os.RemoveAll(co.Dir))
	if got, err = open(t, c, "a"); err != nil || !got.Verified() {
		t.Errorf("after the copy was removed: got %+v, %v", got, err)
	}
}

func TestTakeABrokenCopy(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	c := clientOf(t, s)
	update(t, c)
	co, err := get(t, c, "a")
	must(t, err)
	sharedtest.Write(t, filepath.Join(co.Dir, "K3.yaml"), "name: b\n")
	if _, err := open(t, c, "a"); err == nil || !strings.Contains(err.Error(), "K3.yaml") {
		t.Errorf("got %v, want what is wrong with K3.yaml", err)
	}
}

// An archive is verified when it is what a repository published; else kpm says
// why it is not.
func TestTakeAnArchive(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(t *testing.T, s *sitetest.Site, c *Client, file string)
		want  string // in the warning; "" is verified
	}{
		"as published": {func(*testing.T, *sitetest.Site, *Client, string) {}, ""},
		"no repository": {func(t *testing.T, _ *sitetest.Site, c *Client, _ string) {
			must(t, c.Repos.ConfigFile().Remove(t.Context(), "main"))
		}, "no repository is configured"},
		"another archive of that version": {
			func(t *testing.T, _ *sitetest.Site, _ *Client, file string) {
				other := sitetest.New(t)
				e := sitetest.Release("a", "1.0.0")
				e.Files[1].Data = append(e.Files[1].Data, "data: {k: v}\n"...)
				other.Publish(e)
				sharedtest.Write(t, file, string(other.Get(index.ArchivePath("a", "1.0.0"))))
			},
			"it is not what repository main published as a 1.0.0",
		},
		"a version that nobody published": {
			func(t *testing.T, _ *sitetest.Site, _ *Client, file string) {
				other := sitetest.New(t)
				other.Publish(sitetest.Release("a", "2.0.0"))
				sharedtest.Write(t, file, string(other.Get(index.ArchivePath("a", "2.0.0"))))
			},
			"no repository published it",
		},
		"offline": {func(_ *testing.T, _ *sitetest.Site, c *Client, _ string) { c.Repos.Offline = true }, "kpm is offline"},
		"without provenance": {
			func(_ *testing.T, s *sitetest.Site, _ *Client, _ string) {
				s.Remove(index.ProvenancePath("a", "1.0.0"))
			},
			"cannot be had",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := sitetest.New(t)
			s.Publish(sitetest.Release("a", "1.0.0"))
			client := clientOf(t, s)
			update(t, client)
			told := listen(client)
			file := filepath.Join(t.TempDir(), "a.tgz")
			sharedtest.Write(t, file, string(s.Get(index.ArchivePath("a", "1.0.0"))))
			c.spoil(t, s, client, file)
			got, err := open(t, client, file)
			must(t, err)
			if got.Verified() != (c.want == "") || len(*told) > 1 {
				t.Errorf("verified: %v; told %q", got.Verified(), *told)
			}
			if c.want != "" && !said(*told, "WARNING: "+file+" is not verified: ") || !said(*told, c.want) {
				t.Errorf("told %q, want %q", *told, c.want)
			}
		})
	}
}

// A revoked release is refused whichever way it came.
func TestTakeARevokedArchive(t *testing.T) {
	s := sitetest.New(t)
	e := sitetest.Release("a", "1.0.0")
	e.Change = func(r *index.Release) { r.Yanked = &index.Yanked{Reason: "stolen key", Revoked: true} }
	s.Publish(e)
	c := clientOf(t, s)
	update(t, c)
	file := filepath.Join(t.TempDir(), "a.tgz")
	sharedtest.Write(t, file, string(s.Get(index.ArchivePath("a", "1.0.0"))))
	if _, err := open(t, c, file); trust.CodeOf(err) != trust.Revoked {
		t.Errorf("got %v, want %s", err, trust.Revoked)
	}
}

func TestTakeAPath(t *testing.T) {
	c := newClient(t)
	dir, err := Create(t.TempDir(), "mine")
	must(t, err)
	got, err := open(t, c, dir)
	must(t, err)
	if got.Verified() || got.Kube.Name != "mine" {
		t.Errorf("got %+v", got)
	}
	text := filepath.Join(t.TempDir(), "a.txt")
	sharedtest.Write(t, text, "text")
	if _, err := c.Open(t.Context(), repos.Ref{Path: text}, false); !errcode.Has(err, errcode.Usage) {
		t.Errorf("a text: got %v, want USAGE", err)
	}
	if _, err := open(t, c, text+".tgz"); !errcode.Has(err, errcode.Usage) {
		t.Errorf("no file: got %v, want USAGE", err)
	}
	sharedtest.Write(t, text+".tgz", "text")
	if _, err := open(t, c, text+".tgz"); err == nil {
		t.Error("a text that is called an archive was opened")
	}
}
