package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A packages folder is written by strangers, in pull requests. So git is asked
// for two things alone, which commit the repository is at and what that commit
// holds, and neither looks at a file that a pull request may write:
//
//   - Git does not look for a repository: a folder with HEAD, objects and refs
//     is one to it, and the settings of such a folder name programs to run
//     (core.fsmonitor and others; gitrepository-layout(5), git-config(1)). It
//     is started where a .git lies, and may go no further.
//   - It compares no files and reads no index. That would start filters, hooks
//     and monitors. What is published is compared with the commit by us.
//   - It takes nothing from the environment and fetches nothing.

// gitRepository is a repository as git finds it in the folder root.
type gitRepository struct {
	root   string   // of the working tree; absolute, without links
	commit string   // that HEAD names
	dir    string   // of the repository itself
	index  gitIndex // empty where every file is to be hashed
}

// errNoRepository says that a folder is in no git repository.
var errNoRepository = errors.New("is in no git repository")

// openRepository finds the repository that the folder dir, an absolute path
// without links, lies in, and its commit.
func openRepository(ctx context.Context, dir string) (*gitRepository, error) {
	root, err := workTree(dir)
	if err != nil {
		return nil, err
	}
	r := &gitRepository{root: root}
	at, err := r.git(ctx, "rev-parse", "--absolute-git-dir")
	if err != nil {
		return nil, err
	}
	r.dir = strings.TrimSuffix(string(at), "\n")
	if err := r.ownDir(r.dir); err != nil {
		return nil, err
	}
	r.commit, err = r.commitOf(ctx, "HEAD")
	return r, err
}

// commitOf is the commit that a revision names, as gitrevisions(7) writes it.
func (r *gitRepository) commitOf(ctx context.Context, revision string) (string, error) {
	commit, err := r.git(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", revision+"^{commit}")
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		if shallow, err := r.git(ctx, "rev-parse", "--is-shallow-repository"); err == nil && strings.TrimSpace(string(shallow)) == "true" {
			return "", fmt.Errorf("%s names no commit of this clone, which is shallow: clone more of it (`fetch-depth: 0` of actions/checkout, or `git fetch --unshallow`)", revision)
		}
		return "", fmt.Errorf("%s names no commit", revision)
	}
	return strings.TrimSuffix(string(commit), "\n"), err
}

// workTree is the nearest folder at or above dir that has a .git.
func workTree(dir string) (string, error) {
	for at := dir; ; {
		_, err := os.Lstat(filepath.Join(at, ".git"))
		if err == nil {
			return at, nil
		}
		up := filepath.Dir(at)
		if !errors.Is(err, fs.ErrNotExist) || up == at {
			return "", errNoRepository
		}
		at = up
	}
}

// ownDir refuses a repository whose own folder lies among the files of its
// working tree, where a pull request may have put it.
func (r *gitRepository) ownDir(at string) error {
	at, err := filepath.EvalSymlinks(filepath.FromSlash(at))
	if err != nil {
		return err
	}
	rel, err := filepath.Rel(r.root, at)
	outside := err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator))
	if !outside && rel != ".git" {
		return fmt.Errorf("%s names %s as its repository, which lies among the files of its working tree", filepath.Join(r.root, ".git"), rel)
	}
	return nil
}

// git runs one command of git, which must need neither index nor working tree.
func (r *gitRepository) git(ctx context.Context, args ...string) ([]byte, error) {
	args = append([]string{
		"--no-pager", "--no-replace-objects", "--literal-pathspecs",
		"-c", "safe.bareRepository=explicit", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=" + os.DevNull,
		"-C", r.root,
	}, args...)
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Env = r.env(os.Environ())
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	for line := range strings.Lines(said.String()) {
		if fault, ok := strings.CutPrefix(line, "fatal: "); ok && err != nil {
			return nil, fmt.Errorf("git says %q", strings.TrimSpace(fault))
		}
	}
	return out, err
}

// env is the environment without what git takes settings, paths and programs
// from. Git finds only the repository of root, and reaches no other host.
func (r *gitRepository) env(all []string) []string {
	var out []string
	for _, e := range all {
		name, _, _ := strings.Cut(strings.ToUpper(e), "=")
		if !strings.HasPrefix(name, "GIT_") && name != "SSH_ASKPASS" && name != "LC_ALL" {
			out = append(out, e)
		}
	}
	return append(out, "LC_ALL=C", "GIT_CEILING_DIRECTORIES="+filepath.Dir(r.root),
		"GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=none")
}
