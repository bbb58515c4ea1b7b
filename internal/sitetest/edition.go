package sitetest

import (
	"bytes"
	"cmp"
	"fmt"

	"github.com/Masterminds/semver/v3"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/signing"
)

// Release makes a release of a Kube, to be changed and published.
func Release(name, version string) *Edition {
	meta := fmt.Sprintf("name: %s\nversion: %s\ndescription: %s is a Kube of the tests\n", name, version, name)
	return &Edition{
		Name: name, Version: version,
		Files: []kube.File{
			{Path: "K3.yaml", Data: []byte(meta)},
			{Path: "manifests/" + name + ".yaml", Data: []byte("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " + name + "\n")},
			{Path: "run.sh", Data: []byte("#!/bin/sh\n"), Exec: true},
		},
		Record: index.Record{
			Version: version, Description: name + " is a Kube of the tests", Kinds: []string{"ConfigMap"}, Provides: []string{name + ".yaml"},
		},
	}
}

// Edition is a release on its way. Change is applied to what the document will
// say of it, Forge to what its provenance says.
type Edition struct {
	Name, Version string
	Files         []kube.File
	Record        index.Record
	Change        func(*index.Release)
	Forge         func(*signing.Provenance)
	recalled      string // the version that Change is about; "": the edition is a new release
}

// Gone makes a Kube go.
func Gone(name, reason string) *Edition {
	return &Edition{Name: name, Record: index.Record{Gone: reason}}
}

// Recalled marks a published release as the next Publish shows it: change is applied
// to what the document says of it, and the record becomes that of the newest release
// that nobody took back, as the indexer has it; where all were, of the highest that was
// not revoked, or of the highest.
func Recalled(name, version string, change func(*index.Release)) *Edition {
	return &Edition{Name: name, recalled: version, Change: change}
}

// Yank is what makes a release yanked, or revoked.
func Yank(reason string, revoked bool) func(*index.Release) {
	return func(r *index.Release) { r.Yanked = &index.Yanked{Reason: reason, Revoked: revoked} }
}

// recall marks a release in the document, and gives the record that follows.
func (s *Site) recall(doc *index.Document, e *Edition) index.Record {
	var all, good, fair []*semver.Version
	for i := range doc.Releases {
		r := &doc.Releases[i]
		if r.Version == e.recalled {
			e.Change(r)
		}
		v, err := kube.ParseVersion(r.Version)
		if err != nil {
			s.t.Fatal(err)
		}
		all = append(all, v)
		if r.Yanked == nil && r.Withdrawn == "" {
			good = append(good, v)
		}
		if (r.Yanked == nil || !r.Yanked.Revoked) && r.Withdrawn == "" {
			fair = append(fair, v)
		}
	}
	v := cmp.Or(kube.Newest(good, false), kube.Newest(fair, false), kube.Newest(all, false))
	rec := s.was[e.Name+"@"+v.Original()]
	if rel, _ := doc.Release(v.Original()); rel.Yanked != nil {
		rec.Yanked = rel.Yanked.Reason
	}
	return rec
}

func (s *Site) pack(e *Edition) index.Release {
	s.t.Helper()
	version, err := kube.ParseVersion(e.Version)
	if err != nil {
		s.t.Fatal(err)
	}
	k := &kube.Kube{Meta: kube.Meta{Name: e.Name, Version: version}, Files: e.Files}
	var archive, tar bytes.Buffer
	if err := k.Pack(&archive); err != nil {
		s.t.Fatal(err)
	}
	if err := k.Tar(&tar); err != nil {
		s.t.Fatal(err)
	}
	ref := index.RefOf(archive.Bytes())
	r := index.Release{Version: e.Version, SHA256: ref.SHA256, Size: ref.Size, Tar: index.DigestOf(tar.Bytes()), Built: index.At(s.Now)}
	says := trust.Provenance(s.Name, e.Name, r)
	if e.Forge != nil {
		e.Forge(&says)
	}
	statement, err := says.Statement()
	if err != nil {
		s.t.Fatal(err)
	}
	bundle, err := s.Key.Attest(statement)
	if err != nil {
		s.t.Fatal(err)
	}
	at := index.ProvenancePath(e.Name, e.Version)
	b := index.RefOf(bundle)
	r.Attestations = []index.Attestation{{Type: signing.ProvenanceType, Path: at, SHA256: b.SHA256, Size: b.Size}}
	if e.Change != nil {
		e.Change(&r)
	}
	s.Put(at, bundle)
	s.Put(index.ArchivePath(e.Name, e.Version), archive.Bytes())
	return r
}
