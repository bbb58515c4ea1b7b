package indexer

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"

	"github.com/kpm-sh/kpm/indexer/kubetest"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/lint"
	"github.com/kpm-sh/kpm/signing"
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
	c := &collector{Selection: s, all: all, packed: map[string]kubetest.Archive{}, alone: map[string]bool{}, stock: &stock{packages: s.Packages, all: all}}
	if s.Evidence != nil {
		if c.evidence, err = readEvidence([]fs.FS{s.Evidence}); err != nil {
			return nil, err
		}
	}
	if o != nil {
		if c.published, err = o.open(ctx); err != nil {
			return nil, err
		}
		c.stock.published, c.stock.read = c.published.published, c.published.read
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
	return subjects, nil
}

// collector makes subjects of folders.
type collector struct {
	kubetest.Selection
	all       []string
	published *repository // nil without Previous
	packed    map[string]kubetest.Archive
	alone     map[string]bool // what is packed and has to be tested alone, by path
	stock     *stock
	evidence  evidence // beside what is published
}

// subject is nil for a Kube that is gone, or needs no proof.
func (c *collector) subject(ctx context.Context, name string) (*kubetest.Subject, error) {
	f, ps := readFolder(c.Packages, name)
	if ps.Err() != nil {
		return c.refused(f, "", ps), nil
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
		return c.refused(f, tar, ps.In(name)), nil
	}
	_, hook := f.kube.Hook()
	s := &kubetest.Subject{
		Name: name, Version: f.kube.Version.String(), Tar: tar, Kubernetes: f.kube.Kubernetes.String(),
		Hook: hook, Tests: len(f.kube.Tests()) > 0, Alone: mustBeAlone(facts),
	}
	if c.Dir == "" {
		return s, nil
	}
	return s, c.files(ctx, s, f.kube, doc)
}

// refused is a Kube that no cluster is asked about: its folder is at fault.
func (c *collector) refused(f folder, tar string, ps kube.Problems) *kubetest.Subject {
	ps = ps.Errors().In(c.Path)
	s := &kubetest.Subject{Name: f.name, Tar: tar, Refused: &kubetest.Step{Name: "lint", Verdict: kubetest.Failed, Why: ps[0].String(), Said: ps.Error()}}
	if more := len(ps) - 1; more > 0 {
		s.Refused.Why += fmt.Sprintf(", and %d more", more)
	}
	if f.kube != nil && f.kube.Version != nil {
		s.Version = f.kube.Version.String()
	}
	return s
}

// files packs what the proof of s installs.
func (c *collector) files(ctx context.Context, s *kubetest.Subject, k *kube.Kube, doc *index.Document) error {
	own, err := c.pack(k)
	if err != nil {
		return err
	}
	s.Archive = own.Path
	n := needing{collector: c, subject: s, chosen: map[string]*semver.Version{}}
	if err := n.add(ctx, k, []string{k.Name}); err != nil {
		return err
	}
	if len(n.lacks) > 0 {
		s.Refused = &kubetest.Step{Name: "needs", Verdict: kubetest.Failed, Why: strings.Join(n.lacks, "; ")}
	}
	if doc == nil {
		return nil
	}
	before := func(r index.Release) bool {
		v, err := kube.ParseVersion(r.Version)
		return err == nil && r.Offered() && v.LessThan(k.Version)
	}
	if rel, ok := doc.Newest(false, before); ok {
		former, had, err := c.unpack(ctx, k.Name, rel)
		if err != nil {
			return err
		}
		s.Previous, s.Alone = &had, s.Alone || c.isAlone(ctx, former, had)
	}
	return nil
}

// needing finds what a subject needs, and what of that cannot be had.
type needing struct {
	*collector
	subject *kubetest.Subject
	chosen  map[string]*semver.Version // by name
	lacks   []string
}

// add adds what k depends on, each after what it depends on itself: from the packages
// folder, else from what is published. way leads from the subject to k.
func (n *needing) add(ctx context.Context, k *kube.Kube, way []string) error {
	for _, d := range k.Dependencies {
		lacks := func(format string, args ...any) {
			n.lacks = append(n.lacks, fmt.Sprintf("%s needs %s, and ", k.Name, spelled(d))+fmt.Sprintf(format, args...))
		}
		if i := slices.Index(way, d.Name); i >= 0 {
			lacks("that is a cycle: %s", strings.Join(append(slices.Clone(way[i:]), d.Name), " needs "))
			continue
		}
		if v, ok := n.chosen[d.Name]; ok {
			if !d.Version.Admits(v) {
				lacks("%s is what another one takes", v)
			}
			continue
		}
		need, packed, err := n.need(ctx, d)
		if err != nil {
			return err
		}
		if need == nil {
			lacks("%s", cmp.Or(n.stock.unmet(ctx, d), "the repository has none that can be installed"))
			continue
		}
		n.chosen[d.Name] = need.Version
		if err := n.add(ctx, need, append(slices.Clone(way), d.Name)); err != nil {
			return err
		}
		n.subject.Needs, n.subject.Alone = append(n.subject.Needs, packed), n.subject.Alone || n.isAlone(ctx, need, packed)
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
	return c.unpack(ctx, d.Name, rel)
}

// unpack gets a published release.
func (c *collector) unpack(ctx context.Context, name string, rel index.Release) (*kube.Kube, kubetest.Archive, error) {
	packed, err := c.fetch(ctx, name, rel)
	if err != nil {
		return nil, packed, err
	}
	data, err := os.ReadFile(packed.Path)
	if err != nil {
		return nil, packed, err
	}
	k, err := kube.Unpack(bytes.NewReader(data), name, rel.Version)
	return k, packed, err
}

// mustBeAlone reports whether a Kube makes what there is once in a cluster.
func mustBeAlone(f lint.Facts) bool { return f.Shares || kubetest.ClusterScoped(f.Kinds) }

// isAlone is mustBeAlone of what is packed. What was wrong with it was told where it is a
// subject itself, or when it was published.
func (c *collector) isAlone(ctx context.Context, k *kube.Kube, packed kubetest.Archive) bool {
	alone, ok := c.alone[packed.Path]
	if !ok {
		facts, _ := lint.Kube(ctx, k) //nolint:errcheck // see above
		alone = mustBeAlone(facts)
		c.alone[packed.Path] = alone
	}
	return alone
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

// proven reports whether a tar passed on the server, where that counts, by the newest
// that is known: what failed is tested again.
func (c *collector) proven(doc *index.Document, tar string) bool {
	if !c.Untested {
		return false
	}
	if t, ok := c.evidence.about(tar, c.Server); ok {
		return t.Result == signing.TestPassed
	}
	if doc == nil {
		return false
	}
	for _, r := range doc.Releases {
		for _, a := range r.Attestations {
			if string(r.Tar) == tar && a.About(c.Server) {
				return a.Result == signing.TestPassed
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
