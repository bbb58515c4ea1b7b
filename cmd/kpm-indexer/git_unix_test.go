//go:build unix

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// strangers is a packages repository to which somebody adds what makes git run
// a program. Whatever runs it, the program leaves the file ran behind.
type strangers struct {
	t              *testing.T
	dir, repo, ran string
}

func newStrangers(t *testing.T) *strangers {
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	s := &strangers{t, dir, filepath.Join(dir, "repo"), filepath.Join(dir, "ran")}
	s.write("run", "#!/bin/sh\n: >'"+s.ran+"'\nexit 1\n")
	if err := os.Chmod(s.program(), 0o755); err != nil {
		t.Fatal(err)
	}
	s.kube("pony")
	return s
}

func (s *strangers) program() string  { return filepath.Join(s.dir, "run") }
func (s *strangers) packages() string { return filepath.Join(s.repo, "packages") }

func (s *strangers) write(path, content string) {
	s.t.Helper()
	at := filepath.Join(s.dir, path)
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(at, []byte(content), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

func (s *strangers) kube(name string) {
	s.write("repo/packages/"+name+"/K3.yaml", "name: "+name+"\nversion: 1.0.0\ndescription: A Kube to test with\n")
	s.write("repo/packages/"+name+"/manifests/config.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: "+name+"\n")
}

// git runs git as everybody does, in a folder of the repository.
func (s *strangers) git(dir string, args ...string) string {
	s.t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main", "-C", filepath.Join(s.repo, dir)}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// committed makes the repository and commits what is there.
func (s *strangers) committed() {
	s.git("", "init", "-q")
	s.git("", "add", "-A")
	s.git("", "commit", "-qm", "first")
}

// bare makes a folder a bare repository of its own that names the program.
func (s *strangers) bare(dir string) {
	for _, name := range []string{"objects", "refs"} {
		if err := os.MkdirAll(filepath.Join(s.repo, dir, name), 0o755); err != nil {
			s.t.Fatal(err)
		}
	}
	s.write("repo/"+dir+"/HEAD", "0123456789012345678901234567890123456789\n")
	s.settings("repo/"+dir+"/config", ".")
}

// settings are git's, with the program wherever they name one.
func (s *strangers) settings(path, worktree string) {
	s.write(path, strings.ReplaceAll(`[core]
	repositoryformatversion = 0
	bare = false
	worktree = `+worktree+`
	fsmonitor = RUN
	pager = RUN
	sshCommand = RUN
	editor = RUN
	askPass = RUN
	gitProxy = RUN
	alternateRefsCommand = RUN
[alias]
	x = !RUN
	rev-parse = !RUN
	ls-tree = !RUN
[pager]
	ls-tree = RUN
	rev-parse = RUN
[diff]
	external = RUN
[diff "x"]
	textconv = RUN
	command = RUN
[filter "x"]
	clean = RUN
	smudge = RUN
	process = RUN
	required = true
[credential]
	helper = !RUN
[gpg]
	program = RUN
[include]
	path = more
`, "RUN", s.program()))
}

// hasRun reports whether the program ran, and forgets it.
func (s *strangers) hasRun() bool {
	return os.Remove(s.ran) == nil
}

// attacks are ways to have git run a program. live is how the program runs when
// somebody asks git as people do, so that none of them is a blank: a folder of
// the repository, and git's arguments. It is empty where the git at hand does
// not run it even so.
var attacks = map[string]struct {
	prepare func(s *strangers)
	live    []string
	checked string // what check says, "" when the folder is none of its business
}{
	"the packages folder is a bare repository": {func(s *strangers) {
		s.kube("objects")
		s.kube("refs")
		s.bare("packages")
		s.committed()
	}, []string{"packages", "status"}, "packages/HEAD: lies beside the Kubes"},
	"its HEAD is a dangling link": {func(s *strangers) {
		s.kube("objects")
		s.kube("refs")
		s.bare("packages")
		s.check(os.Remove(filepath.Join(s.packages(), "HEAD")))
		s.check(os.Symlink("refs/heads/main", filepath.Join(s.packages(), "HEAD")))
		s.committed()
	}, []string{"packages", "status"}, "packages/HEAD: lies beside the Kubes"},
	"it shares the objects of a hidden folder": {func(s *strangers) {
		s.bare("packages/.hidden")
		s.write("repo/packages/HEAD", "0123456789012345678901234567890123456789\n")
		s.write("repo/packages/commondir", ".hidden\n")
		s.settings("repo/packages/.hidden/config", "..")
		s.committed()
	}, []string{"packages", "x"}, "packages/commondir: lies beside the Kubes"},
	"it has an index, and attributes that name a filter": {func(s *strangers) {
		s.committed()
		s.kube("objects")
		s.kube("refs")
		s.write("repo/packages/.gitattributes", "* filter=x diff=x\n")
		s.write("repo/packages/HEAD", "ref: refs/heads/main\n")
		s.write("repo/packages/config", "[core]\n\tbare = false\n\tworktree = .\n")
		s.git("packages", "--git-dir=.", "add", "pony")
		s.settings("repo/packages/config", ".")
		s.write("repo/packages/pony/README.md", "new\n")
		s.git("", "add", "-A")
	}, []string{"packages", "status"}, "packages/index: lies beside the Kubes"},
	"it has a .git of its own, as from an archive": {func(s *strangers) {
		s.committed()
		s.git("packages", "init", "-q")
		s.settings("repo/packages/.git/config", "..")
	}, []string{"packages", "status"}, ""},
	"its .git names a folder in it": {func(s *strangers) {
		s.committed()
		s.bare("packages/evil")
		s.settings("repo/packages/evil/config", "..")
		s.write("repo/packages/.git", "gitdir: evil\n")
	}, []string{"packages", "status"}, "packages/evil: is a git repository by what it holds"},
	"the .git of the working tree names a folder in it": {func(s *strangers) {
		s.bare("docs")
		s.settings("repo/docs/config", "..")
		s.write("repo/.git", "gitdir: docs\n")
	}, []string{"packages", "status"}, ""},
	"the working tree is a bare repository, and its .git is broken": {func(s *strangers) {
		s.bare("")
		s.check(os.Mkdir(filepath.Join(s.repo, ".git"), 0o755))
	}, []string{"packages", "status"}, ""},
	"a Kube has a .git": {func(s *strangers) {
		s.committed()
		s.git("packages/pony", "init", "-q")
		s.settings("repo/packages/pony/.git/config", "..")
	}, []string{"packages/pony", "status"}, "packages/pony/.git: is a git repository"},
	"a Kube has a .git in another case": {func(s *strangers) {
		s.committed()
		s.write("repo/packages/pony/files/.GIT/config", "")
	}, nil, "packages/pony/files/.GIT: is a git repository"},
	"a Kube is a bare repository": {func(s *strangers) {
		s.bare("packages/pony")
		s.committed()
	}, []string{"packages/pony", "status"}, "packages/pony: is a git repository by what it holds"},
	"a hidden folder of a Kube is a bare repository": {func(s *strangers) {
		s.bare("packages/pony/.a/b")
		s.committed()
	}, []string{"packages/pony/.a/b", "status"}, "packages/pony/.a/b: is a git repository by what it holds"},
	"a submodule": {func(s *strangers) {
		s.git("packages/pony", "init", "-q")
		s.git("packages/pony", "add", "-A")
		s.git("packages/pony", "commit", "-qm", "first")
		s.committed() // a link to it
		s.settings("repo/packages/pony/.git/config", "..")
	}, []string{"packages", "status"}, "packages/pony/.git: is a git repository"},
	"attributes name a filter of the publisher": {func(s *strangers) {
		s.write("repo/packages/.gitattributes", "* filter=x diff=x\n")
		s.committed()
		s.settings("repo/.git/config", "..")
		s.write("repo/packages/pony/README.md", "new\n")
	}, []string{"packages", "status"}, ""},
	"a hook of the publisher": {func(s *strangers) {
		s.committed()
		s.check(os.Symlink(s.program(), filepath.Join(s.repo, ".git/hooks/post-index-change")))
		s.write("repo/packages/pony/manifests/config.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: pony\n")
	}, []string{"packages", "status"}, ""},
	"an object that another host has": {func(s *strangers) {
		s.committed()
		tree := s.git("", "rev-parse", "HEAD:packages/pony")
		s.settings("repo/.git/config", "..")
		s.check(os.Remove(filepath.Join(s.repo, ".git/objects", tree[:2], tree[2:])))
		s.git("", "config", "extensions.partialClone", "origin")
		s.git("", "config", "core.repositoryFormatVersion", "1")
		s.git("", "config", "remote.origin.promisor", "true")
		s.git("", "config", "remote.origin.url", "ssh://host.example.org/repo")
	}, []string{"packages", "ls-tree", "-r", "HEAD"}, ""},
	"settings in the environment": {func(s *strangers) {
		s.committed()
		s.t.Setenv("GIT_CONFIG_COUNT", "1")
		s.t.Setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
		s.t.Setenv("GIT_CONFIG_VALUE_0", s.program())
	}, []string{"packages", "status"}, ""},
	"another repository in the environment": {func(s *strangers) {
		s.committed()
		s.bare("evil")
		s.t.Setenv("GIT_DIR", filepath.Join(s.repo, "evil"))
	}, []string{"packages", "status"}, ""},
}

func (s *strangers) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// TestNothingRunsThroughGit: what a pull request adds to a packages repository
// never runs a program in the job that checks and publishes it, whatever git
// would do with it.
func TestNothingRunsThroughGit(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	for name, attack := range attacks {
		t.Run(name, func(t *testing.T) {
			s := newStrangers(t)
			attack.prepare(s)
			if attack.live != nil {
				cmd := exec.Command("git", attack.live[1:]...)
				cmd.Dir = filepath.Join(s.repo, attack.live[0])
				if out, _ := cmd.CombinedOutput(); !s.hasRun() {
					t.Errorf("git %v runs nothing: this is no attack\n%s", attack.live, out)
				}
			}
			_ = os.Remove(s.ran)
			_, why := gitCommit(context.Background(), s.packages())
			if s.hasRun() {
				t.Error("asking for the commit ran the program")
			}
			said, code := s.kpmIndexer("check", "--packages", s.packages())
			if s.hasRun() {
				t.Error("check ran the program")
			}
			if attack.checked == "" && code != 0 {
				t.Errorf("check: exit code %d\n%s", code, said)
			}
			if attack.checked != "" && (code != 1 || !strings.Contains(said, attack.checked)) {
				t.Errorf("check: exit code %d, want 1 and %q\n%s", code, attack.checked, said)
			}
			s.kpmIndexer("trust", "init", "--name", "acme", "--out", filepath.Join(s.dir, "keys"))
			said, code = s.kpmIndexer("build", "--packages", s.packages(), "--out", filepath.Join(s.dir, "site"), "--first", "--resolve-images=never",
				"--trust", filepath.Join(s.dir, "keys"), "--key", filepath.Join(s.dir, "keys/index.key"))
			if s.hasRun() {
				t.Error("build ran the program")
			}
			if want := attack.checked != ""; want != (code == 1) {
				t.Errorf("build: exit code %d\n%s", code, said)
			}
			t.Logf("commit: %v", why)
		})
	}
}

// kpmIndexer runs one command and gives what it said and its exit code.
func (s *strangers) kpmIndexer(args ...string) (string, int) {
	var b bytes.Buffer
	code := run(context.Background(), args, stdio{out: &b, err: &b, getenv: func(string) string { return "" }, clock: time.Now})
	return b.String(), code
}

// TestCommit: provenance names the commit only where it has what is published,
// byte for byte.
func TestCommit(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	for name, c := range map[string]struct {
		change func(s *strangers)
		why    string // "" when the commit is named
	}{
		"as it was committed":       {func(*strangers) {}, ""},
		"hidden files do not count": {func(s *strangers) { s.write("repo/packages/pony/.DS_Store", "x"); s.write("repo/packages/.x", "x") }, ""},
		"nor files beside Kubes":    {func(s *strangers) { s.write("repo/packages/README.md", "x") }, ""},
		"another Kube": {func(s *strangers) { s.kube("zebra") },
			"has changes that are not committed: zebra/K3.yaml, zebra/manifests/config.yaml"},
		"an ignored file is published too": {func(s *strangers) {
			s.write("repo/.git/info/exclude", "*.bak\n")
			s.write("repo/packages/pony/a.bak", "x")
		}, "not committed: pony/a.bak"},
		"another byte, same size": {func(s *strangers) {
			s.write("repo/packages/pony/K3.yaml", "name: pony\nversion: 1.0.0\ndescription: A Kube to test Kith\n")
		}, "not committed: pony/K3.yaml"},
		"a file that went": {func(s *strangers) { s.check(os.Remove(filepath.Join(s.packages(), "pony/K3.yaml"))) }, "not committed: pony/K3.yaml"},
		"an execute bit": {func(s *strangers) { s.check(os.Chmod(filepath.Join(s.packages(), "pony/K3.yaml"), 0o755)) },
			"not committed: pony/K3.yaml"},
		"a link in place of a file": {func(s *strangers) {
			at := filepath.Join(s.packages(), "pony/K3.yaml")
			s.check(os.Rename(at, filepath.Join(s.dir, "K3.yaml")))
			s.check(os.Symlink(filepath.Join(s.dir, "K3.yaml"), at))
		}, "not committed: pony/K3.yaml"},
		"many": {func(s *strangers) {
			for i := range 5 {
				s.write(fmt.Sprintf("repo/packages/pony/%d", i), "x")
			}
		}, "not committed: pony/0, pony/1, pony/2 and 2 more"},
		"line ends that git changes on the way": {func(s *strangers) {
			s.git("", "config", "core.autocrlf", "true")
			s.write("repo/packages/pony/K3.yaml", "name: pony\r\nversion: 1.0.0\r\ndescription: A Kube to test with\r\n")
		}, "not committed: pony/K3.yaml"},
		"no commit yet": {func(s *strangers) {
			s.check(os.RemoveAll(filepath.Join(s.repo, ".git")))
			s.git("", "init", "-q")
		}, "HEAD names no commit"},
		"no repository": {func(s *strangers) { s.check(os.RemoveAll(filepath.Join(s.repo, ".git"))) }, "is in no git repository"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStrangers(t)
			s.committed()
			want := s.git("", "rev-parse", "HEAD")
			c.change(s)
			commit, why := gitCommit(context.Background(), s.packages())
			if c.why == "" && (commit != want || why != "") {
				t.Errorf("got %q (%s), want %s", commit, why, want)
			}
			if c.why != "" && (commit != "" || !strings.Contains(why, c.why)) {
				t.Errorf("got %q, %q; want %q in it", commit, why, c.why)
			}
		})
	}
}

// TestCommitElsewhere: linked working trees, a folder that a link leads to, a
// repository that is the packages folder, and SHA-256.
func TestCommitElsewhere(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	s := newStrangers(t)
	s.committed()
	want := s.git("", "rev-parse", "HEAD")
	s.git("", "worktree", "add", "-q", "../other")
	s.check(os.Symlink(s.packages(), filepath.Join(s.dir, "link")))
	for _, dir := range []string{filepath.Join(s.dir, "other/packages"), filepath.Join(s.dir, "link"), s.packages() + "/"} {
		if commit, why := gitCommit(context.Background(), dir); commit != want {
			t.Errorf("%s: got %q (%s), want %s", dir, commit, why, want)
		}
	}
	for _, args := range [][]string{{"init", "-q"}, {"init", "-q", "--object-format=sha256"}} {
		s.check(os.RemoveAll(filepath.Join(s.repo, ".git")))
		s.check(os.RemoveAll(filepath.Join(s.packages(), ".git")))
		s.git("packages", args...)
		s.git("packages", "add", "-A")
		s.git("packages", "commit", "-qm", "first")
		if commit, why := gitCommit(context.Background(), s.packages()); commit != s.git("packages", "rev-parse", "HEAD") {
			t.Errorf("%v: got %q (%s)", args, commit, why)
		}
	}
}
