package indexer

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/trust"
)

// changes are what a packages folder changes in what is published.
type changes struct {
	revisions []revision
	shelf     shelf                  // documents of what did not change
	leads     []map[string]index.Ref // what is published of each folder, by path
	released  []string               // "NAME VERSION"
	gone      []string               // names
	tested    []string               // "NAME VERSION on Kubernetes SERVER"
	marks     []string               // "NAME VERSION is yanked: REASON", "NAME VERSION is no longer yanked"
	warnings  []string
	refused   kube.Problems
}

// reviseAll reads, judges and packs every folder; archives wait in dir.
func reviseAll(ctx context.Context, o Options, r *repository, folders []string, dir string, resolver *resolver) (*changes, error) {
	tests, err := attesterOf(ctx, o, r)
	if err != nil {
		return nil, err
	}
	attest, atOnce := r.chain.attester(ctx, o.Signers, trust.ProvenanceRole)
	c := &changes{}
	one := &reviser{
		shelf:     &c.shelf,
		tests:     tests,
		published: r.published,
		read:      r.read,
		hold:      o.Hold,
		pack:      packer{dir: dir, repository: r.chain.newest().Repository, commit: o.Commit, now: o.Now, attest: attest, verify: r.chain.newest().Attested, images: resolver}.pack,
	}
	needs := &stock{packages: o.Packages, all: folders, published: r.published, read: r.read}
	found := make([]*revision, len(folders))
	leads := make([]map[string]index.Ref, len(folders))
	refused := make([]kube.Problems, len(folders))
	lower := make([]kube.Problems, len(folders))
	numbers := make([]int, len(folders))
	for i := range numbers {
		numbers[i] = i
	}
	err = forEachOf(ctx, max(atOnce, runtime.GOMAXPROCS(0)), numbers, o.Report.stage("packing", len(folders)), func(i int) error {
		f, ps := readFolder(o.Packages, folders[i])
		if ps.Err() != nil {
			refused[i] = ps.Errors()
			return nil
		}
		needs.note(f)
		rev, published, err := one.revise(ctx, f)
		leads[i] = published
		if no, ok := errors.AsType[refusal](err); ok {
			refused[i] = no.Problems
			return nil
		}
		if found[i] = rev; rev != nil && rev.released != "" {
			lower[i] = warnOfLower(f, rev.Record.Version, true)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	c.leads, c.warnings = leads, needs.judgeAll(ctx, folders, found, refused, o.KeepGoing)
	c.refused = slices.Concat(refused...)
	c.refused.Sort()
	if !o.KeepGoing && len(c.refused) > 0 {
		return nil, c.refused
	}
	c.collect(found)
	for _, p := range slices.Concat(lower...) {
		c.warnings = append(c.warnings, strings.TrimSuffix(p.Path, "/"+kube.MetaPath)+": "+p.Message)
	}
	c.warnings = append(c.warnings, unknownEvidence(tests.unclaimed())...)
	return c, nil
}

// attesterOf signs the results of o, as somebody of the tests role.
func attesterOf(ctx context.Context, o Options, r *repository) (attester, error) {
	results, err := readEvidence(o.Evidence)
	if err != nil || len(results) == 0 {
		return attester{}, err
	}
	if _, err := r.chain.holders(ctx, o.Signers, trust.TestsRole); err != nil {
		return attester{}, err
	}
	sign, _ := r.chain.attester(ctx, o.Signers, trust.TestsRole)
	return attester{evidence: results, claimed: new(sync.Map), repository: r.chain.newest().Repository, sign: sign, verify: r.chain.newest().Tested}, nil
}

// unknownEvidence says which results were not taken.
func unknownEvidence(results []string) []string {
	const most = 3
	n := len(results)
	if n == 0 {
		return nil
	}
	which := strings.Join(results[:min(n, most)], ", ")
	if n > most {
		which += fmt.Sprintf(" and %d more", n-most)
	}
	return []string{"evidence of archives that are neither published nor built here was not taken: " + which}
}

// collect takes the revisions that there are.
func (c *changes) collect(found []*revision) {
	for _, rev := range found {
		if rev == nil {
			continue
		}
		c.revisions = append(c.revisions, *rev)
		c.tested = append(c.tested, rev.tested...)
		c.marks = slices.Concat(c.marks, rev.marks.set, rev.marks.dropped)
		switch {
		case rev.removed:
			c.gone = append(c.gone, rev.Document.Name)
		case rev.released != "":
			c.released = append(c.released, rev.Document.Name+" "+rev.released)
		}
	}
}
