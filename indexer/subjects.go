package indexer

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/indexer/kubetest"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/lint"
)

// Subjects are the Kubes of a packages folder that are to be proven, ascending by
// name, packed into s.Dir with what each needs and the release before it, which the
// site o has; nil where nothing is published. Those that are gone are left out. What
// is at fault in a folder is a kube.Problems.
func (o *MaintainOptions) Subjects(ctx context.Context, s kubetest.Selection) ([]kubetest.Subject, error) {
	all, err := names(s.Packages)
	if err != nil {
		return nil, err
	}
	chosen, err := choose(all, s.Names, s.Changed)
	if err != nil {
		return nil, err
	}
	c := &collector{Selection: s, all: all, packed: map[string]kubetest.Archive{}}
	if o != nil {
		if c.published, err = o.open(ctx); err != nil {
			return nil, err
		}
	}
	var subjects []kubetest.Subject
	for _, name := range chosen {
		if !s.Shard.Has(name) {
			continue
		}
		one, err := c.subject(ctx, name)
		if err != nil {
			return nil, err
		}
		if one != nil {
			subjects = append(subjects, *one)
		}
	}
	return subjects, c.problems.Err()
}

// collector makes subjects of folders.
type collector struct {
	kubetest.Selection
	all       []string
	published *repository // nil without Previous
	packed    map[string]kubetest.Archive
	problems  kube.Problems
}

// subject is nil for a Kube that is gone, at fault, or needs no proof.
func (c *collector) subject(ctx context.Context, name string) (*kubetest.Subject, error) {
	f, ps := readFolder(c.Packages, name)
	if ps.Err() != nil {
		c.problems = append(c.problems, ps.Errors()...)
		return nil, nil
	}
	if f.kube == nil {
		return nil, nil
	}
	sum, err := f.kube.TarSum()
	if err != nil {
		return nil, err
	}
	tar := hex.EncodeToString(sum[:])
	doc, err := c.document(ctx, name)
	if err != nil || c.proven(doc, tar) {
		return nil, err
	}
	facts, ps := lint.Kube(ctx, f.kube)
	if ps.Err() != nil {
		c.problems = append(c.problems, ps.Errors().In(name)...)
		return nil, nil
	}
	_, hook := f.kube.Hook()
	s := &kubetest.Subject{
		Name: name, Version: f.kube.Version.String(), Tar: tar, Kubernetes: f.kube.Kubernetes.String(),
		Hook: hook, Tests: len(f.kube.Tests()) > 0, Alone: kubetest.ClusterScoped(facts.Kinds),
	}
	if c.Dir == "" {
		return s, nil
	}
	return s, c.files(ctx, s, f.kube, doc)
}

// files packs what the proof of s installs.
func (c *collector) files(ctx context.Context, s *kubetest.Subject, k *kube.Kube, doc *index.Document) error {
	own, err := c.pack(k)
	if err != nil {
		return err
	}
	s.Archive = own.Path
	if err := c.needs(ctx, s, k, map[string]bool{k.Name: true}); err != nil {
		return err
	}
	if doc == nil {
		return nil
	}
	before := func(r index.Release) bool {
		v, err := kube.ParseVersion(r.Version)
		return err == nil && r.Offered() && v.LessThan(k.Version)
	}
	if rel, ok := doc.Newest(false, before); ok {
		had, err := c.fetch(ctx, k.Name, rel)
		if err != nil {
			return err
		}
		s.Previous = &had
	}
	return nil
}

// needs adds what k depends on, each after what it depends on itself: from the
// packages folder, else from what is published. What is nowhere is left out, and
// kpm says so when it installs.
func (c *collector) needs(ctx context.Context, s *kubetest.Subject, k *kube.Kube, seen map[string]bool) error {
	for _, d := range k.Dependencies {
		if seen[d.Name] {
			continue
		}
		seen[d.Name] = true
		need, packed, err := c.need(ctx, d)
		if err != nil {
			return err
		}
		if need == nil {
			continue
		}
		if err := c.needs(ctx, s, need, seen); err != nil {
			return err
		}
		s.Needs = append(s.Needs, packed)
	}
	return nil
}

func (c *collector) need(ctx context.Context, d kube.Dependency) (*kube.Kube, kubetest.Archive, error) {
	if slices.Contains(c.all, d.Name) {
		if f, ps := readFolder(c.Packages, d.Name); ps.Err() == nil && f.kube != nil && d.Version.Admits(f.kube.Version) {
			packed, err := c.pack(f.kube)
			return f.kube, packed, err
		}
	}
	doc, err := c.document(ctx, d.Name)
	if err != nil || doc == nil {
		return nil, kubetest.Archive{}, err
	}
	rel, ok := doc.Newest(false, func(r index.Release) bool {
		v, err := kube.ParseVersion(r.Version)
		return err == nil && r.Offered() && d.Version.Admits(v)
	})
	if !ok {
		return nil, kubetest.Archive{}, nil
	}
	packed, err := c.fetch(ctx, d.Name, rel)
	if err != nil {
		return nil, packed, err
	}
	data, err := os.ReadFile(packed.Path)
	if err != nil {
		return nil, packed, err
	}
	k, err := kube.Unpack(bytes.NewReader(data), d.Name, rel.Version)
	return k, packed, err
}

// document is what is published of a Kube; nil when that is nothing.
func (c *collector) document(ctx context.Context, name string) (*index.Document, error) {
	if c.published == nil {
		return nil, nil
	}
	line, ok := c.published.published.line(name)
	if !ok || line.Gone != "" {
		return nil, nil
	}
	return readDocument(ctx, line, c.published.read)
}

// proven reports whether a tar has evidence for the server, where that counts.
func (c *collector) proven(doc *index.Document, tar string) bool {
	if c.Tested == nil {
		return false
	}
	if c.Tested(tar) {
		return true
	}
	if doc == nil {
		return false
	}
	for _, r := range doc.Releases {
		for _, a := range r.Attestations {
			if string(r.Tar) == tar && a.About(c.Server) {
				return true
			}
		}
	}
	return false
}

// pack packs a Kube, once.
func (c *collector) pack(k *kube.Kube) (kubetest.Archive, error) {
	return c.keep(kubetest.Archive{Name: k.Name, Version: k.Version.String()}, "", func(at string) error {
		_, err := writeArchive(k, at)
		return err
	})
}

// fetch gets a published archive, once. It is in a folder of its own: the packages
// folder may hold the same version with other content.
func (c *collector) fetch(ctx context.Context, name string, rel index.Release) (kubetest.Archive, error) {
	return c.keep(kubetest.Archive{Name: name, Version: rel.Version}, "published", func(at string) error {
		data, err := c.published.read(ctx, index.ArchivePath(name, rel.Version), rel.Ref())
		if err != nil {
			return err
		}
		return os.WriteFile(at, data, 0o600)
	})
}

func (c *collector) keep(a kubetest.Archive, folder string, write func(at string) error) (kubetest.Archive, error) {
	at := filepath.Join(c.Dir, folder, index.ArchiveBase(a.Name, a.Version)+".tgz")
	if had, ok := c.packed[at]; ok {
		return had, nil
	}
	if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
		return a, err
	}
	if err := write(at); err != nil {
		return a, fmt.Errorf("packing %s: %w", strings.TrimSpace(a.String()), err)
	}
	a.Path = at
	c.packed[at] = a
	return a, nil
}
