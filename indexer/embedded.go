package indexer

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/kpm-sh/kpm/internal/kube"
)

// Git takes a folder that has HEAD, objects and refs for a repository, finds
// its settings there, and runs the programs that they name for whoever asks git
// for anything in that folder: a reviewer's shell prompt suffices. So no such
// folder, and nothing called .git, is taken into a repository, and neither are
// files beside the Kubes that are called as those of a git repository.

// gitFiles are the files and folders that make and steer a git repository
// (gitrepository-layout(5)), in lower case: file systems may ignore case.
var gitFiles = map[string]bool{
	"head": true, "config": true, "config.worktree": true, "commondir": true, "gitdir": true, "index": true,
	"packed-refs": true, "objects": true, "refs": true, "reftable": true, "hooks": true, "info": true,
}

// besides refuses what lies beside the Kubes and makes the packages folder, or a
// hidden folder in it, a git repository. A folder that is called so is a Kube
// like any other; .git is there where the packages folder is the whole of a
// working tree.
func besides(packages fs.FS) (kube.Problems, error) {
	entries, err := fs.ReadDir(packages, ".")
	if err != nil {
		return nil, fmt.Errorf("reading the packages folder: %w", err)
	}
	var ps kube.Problems
	for _, e := range entries {
		name := e.Name()
		switch {
		case !e.IsDir() && gitFiles[strings.ToLower(name)]:
			ps = append(ps, kube.Problem{Path: name, Message: "lies beside the Kubes and is called as a file that makes a folder a git repository of its own, whose settings may name programs to run: remove it"})
		case e.IsDir() && strings.HasPrefix(name, ".") && !strings.EqualFold(name, ".git"):
			ps = append(ps, embedded(packages, name)...)
		}
	}
	return ps, nil
}

// errTooMany ends the walk of a folder that holds more than any Kube.
var errTooMany = errors.New("more files, hidden ones included, than a Kube may hold")

// embedded refuses a git repository at dir or below it, hidden as well.
func embedded(packages fs.FS, dir string) kube.Problems {
	var ps kube.Problems
	found := map[string]parts{}
	n := 0
	err := fs.WalkDir(packages, dir, func(at string, e fs.DirEntry, err error) error {
		if err != nil {
			return nil //nolint:nilerr // kube.ReadDir says it where it matters
		}
		if n++; n > 4*kube.MaxFiles {
			return errTooMany
		}
		name := strings.ToLower(path.Base(at))
		if name == ".git" {
			ps = append(ps, kube.Problem{Path: at, Message: "is a git repository, a submodule or a working tree of its own; a Kube is made of files of the packages repository"})
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if at != dir {
			found[path.Dir(at)] |= part[name]
		}
		return nil
	})
	if err != nil {
		ps = append(ps, kube.Problem{Path: dir, Message: err.Error()})
	}
	for at, has := range found {
		if has.repository() {
			ps = append(ps, kube.Problem{Path: at, Message: "is a git repository by what it holds (HEAD, objects, refs), and its settings may name programs to run: rename one of them"})
		}
	}
	ps.Sort()
	return ps
}

// parts are what a folder has of a git repository.
type parts uint8

const (
	hasHead parts = 1 << iota
	hasObjects
	hasRefs
	hasCommon // names the folder that has objects and refs
)

var part = map[string]parts{"head": hasHead, "objects": hasObjects, "refs": hasRefs, "commondir": hasCommon}

// repository is git's own test, but that HEAD may say anything.
func (p parts) repository() bool {
	return p&hasHead != 0 && (p&hasCommon != 0 || p&(hasObjects|hasRefs) == hasObjects|hasRefs)
}
