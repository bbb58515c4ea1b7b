package indexer

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/Masterminds/semver/v3"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/yamlnode"
)

// stock is what Kubes may need of each other: the folders, of which only K3.yaml and
// releases.yaml are read, once, and what is published.
type stock struct {
	packages  fs.FS
	all       []string        // names of all folders, ascending
	published *state          // nil where nothing is
	read      reader          // of what is published
	refused   map[string]bool // names of folders whose version is not published

	mu    sync.Mutex
	known map[string]*member
}

// member is what a folder says of who needs what. Without a version it is refused
// itself, and nothing is said of it here.
type member struct {
	version  *semver.Version
	needs    []kube.Dependency
	meta     []byte // K3.yaml
	releases kube.Releases
}

// member reads a folder.
func (s *stock) member(name string) *member {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m, ok := s.known[name]; ok {
		return m
	}
	m := readMember(s.packages, name)
	s.keep(name, m)
	return m
}

func (s *stock) keep(name string, m *member) {
	if s.known == nil {
		s.known = map[string]*member{}
	}
	s.known[name] = m
}

// note keeps what was read of a folder.
func (s *stock) note(f folder) {
	m := &member{releases: f.releases}
	if f.kube != nil {
		m.version, m.needs = f.kube.Version, f.kube.Dependencies
		m.meta, _ = f.kube.File(kube.MetaPath)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keep(f.name, m)
}

func readMember(packages fs.FS, name string) *member {
	m := &member{}
	dir, err := fs.Sub(packages, name)
	if err != nil {
		return m
	}
	if marks, ps := readReleases(dir); ps.Err() == nil && marks != nil {
		m.releases, _ = kube.ReadReleases(marks) //nolint:errcheck // the folder's own check tells
	}
	if m.releases.Gone != "" {
		return m
	}
	if m.meta = readMeta(dir); m.meta == nil {
		return m
	}
	meta, ps := kube.ParseMeta(m.meta)
	if ps.Err() == nil {
		m.version, m.needs = meta.Version, meta.Dependencies
	}
	return m
}

// readMeta gives K3.yaml where it is a regular file of a size that it may have, else
// nil: the folder's own check tells.
func readMeta(dir fs.FS) []byte {
	info, err := fs.Lstat(dir, kube.MetaPath)
	if err != nil || !info.Mode().IsRegular() || info.Size() > kube.MaxMeta {
		return nil
	}
	data, err := fs.ReadFile(dir, kube.MetaPath)
	if err != nil {
		return nil
	}
	return data
}

// judge refuses what a Kube needs that the repository does not have, or not in a version
// that is wanted, and what needs the Kube itself in turn. Only dependencies that wanted
// tells are judged.
func (s *stock) judge(ctx context.Context, name string, wanted func(dependency string) bool) kube.Problems {
	var ps kube.Problems
	m := s.member(name)
	lines := sync.OnceValue(func() []int { return yamlnode.Items(m.meta, "dependencies") })
	for i, d := range m.needs {
		if d.Name == "" || d.Name == name || !wanted(d.Name) {
			continue
		}
		text := s.unmet(ctx, d)
		if round := s.circle(name, d); text == "" && round != nil {
			text = "that is a cycle: " + strings.Join(round, " needs ")
		}
		if text != "" {
			p := kube.Problem{Path: name + "/" + kube.MetaPath, Rule: "dependency", Message: fmt.Sprintf("it needs %s, and %s", spelled(d), text)}
			if at := lines(); i < len(at) {
				p.Line = at[i]
			}
			ps = append(ps, p)
		}
	}
	return ps
}

func spelled(d kube.Dependency) string {
	return strings.TrimSpace(d.Name + " " + d.Version.String())
}

// unmet says why nothing in the repository is what a dependency wants, "" if something is.
func (s *stock) unmet(ctx context.Context, d kube.Dependency) string {
	if _, ok := slices.BinarySearch(s.all, d.Name); !ok {
		near, edits := kube.Nearest(d.Name, s.all)
		if edits >= 0 && edits <= 2 {
			return fmt.Sprintf("the packages folder has no such Kube; the nearest is %s", near)
		}
		return "the packages folder has no such Kube"
	}
	other := s.member(d.Name)
	switch {
	case other.releases.Gone != "":
		return "that Kube is gone: " + other.releases.Gone
	case other.version == nil:
		return "" // it is refused itself
	case s.here(d) || s.hasPublished(ctx, d, other):
		return ""
	case !d.Version.Admits(other.version):
		return fmt.Sprintf("there is only %s", other.version)
	case s.refused[d.Name]:
		return fmt.Sprintf("%s %s is refused", d.Name, other.version)
	}
	return fmt.Sprintf("there is only %s, which is yanked or revoked", other.version)
}

// here tells whether a folder is what a dependency wants.
func (s *stock) here(d kube.Dependency) bool {
	if _, ok := slices.BinarySearch(s.all, d.Name); !ok || s.refused[d.Name] {
		return false
	}
	m := s.member(d.Name)
	return m.version != nil && d.Version.Admits(m.version) && offers(m.releases, m.version.String())
}

// hasPublished tells whether a release of what is published is what a dependency wants.
func (s *stock) hasPublished(ctx context.Context, d kube.Dependency, m *member) bool {
	line, ok := s.published.line(d.Name)
	if !ok || line.Gone != "" {
		return false
	}
	doc, err := readDocument(ctx, line, s.read)
	if err != nil {
		return true // another check tells
	}
	return slices.ContainsFunc(doc.Releases, func(rel index.Release) bool {
		v, err := kube.ParseVersion(rel.Version)
		return err == nil && rel.Withdrawn == "" && offers(m.releases, rel.Version) && d.Version.Admits(v)
	})
}

// isPublished tells whether the version of a folder is out already.
func (s *stock) isPublished(ctx context.Context, name string) bool {
	line, ok := s.published.line(name)
	m := s.member(name)
	if !ok || m.version == nil {
		return false
	}
	doc, err := readDocument(ctx, line, s.read)
	if err != nil {
		return false // another check tells
	}
	_, ok = doc.Release(m.version.String())
	return ok
}

// circle is the way from a Kube over a dependency back to it, nil if there is none.
func (s *stock) circle(name string, d kube.Dependency) []string {
	if way := s.way(d, name, map[string]bool{}); way != nil {
		return append([]string{name}, way...)
	}
	return nil
}

// way leads from a dependency to a Kube over what folders need of folders: who needs a
// release that was published before needs no folder.
func (s *stock) way(d kube.Dependency, to string, seen map[string]bool) []string {
	if seen[d.Name] || !s.here(d) {
		return nil
	}
	if d.Name == to {
		return []string{to}
	}
	seen[d.Name] = true
	for _, next := range s.member(d.Name).needs {
		if way := s.way(next, to, seen); way != nil {
			return append([]string{d.Name}, way...)
		}
	}
	return nil
}

// dependants are those folders whose K3.yaml seems to need one of the names; judge tells.
func (s *stock) dependants(among, names []string) []string {
	var all []string
	for _, name := range among {
		dir, err := fs.Sub(s.packages, name)
		if err != nil {
			continue
		}
		data := readMeta(dir)
		if bytes.Contains(data, []byte("dependencies")) && slices.ContainsFunc(names, func(n string) bool { return bytes.Contains(data, []byte(n)) }) {
			all = append(all, name)
		}
	}
	return all
}

// judgeAll refuses the new releases that need what is neither published nor among them,
// where keepGoing until no release that stays needs one that is refused, and warns of
// what is published already and lost what it needs: that is not taken back.
func (s *stock) judgeAll(ctx context.Context, folders []string, found []*revision, refused []kube.Problems, keepGoing bool) (warnings []string) {
	s.refused = map[string]bool{}
	for again := true; again; {
		again, warnings = false, nil
		for i, name := range folders {
			var ps kube.Problems
			if len(refused[i]) == 0 {
				ps = s.judge(ctx, name, anything)
			}
			if found[i] != nil && found[i].released != "" && len(ps) > 0 {
				refused[i], found[i], ps = ps, nil, nil
			}
			for _, p := range ps {
				warnings = append(warnings, fmt.Sprintf("%s %s: %s", name, s.member(name).version, p.Message))
			}
			if keepGoing && len(refused[i]) > 0 && !s.refused[name] {
				s.refused[name], again = true, true
			}
		}
	}
	return warnings
}

func anything(string) bool { return true }
