package indexer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/signing"
)

// evidence are unsigned test results by the tar that they are about.
type evidence map[index.Digest][]signing.TestResult

// maxStatement is more than a statement that a bundle can carry has, in bytes.
const maxStatement = signing.MaxBundle

// readEvidence reads the statements of folders, as kpm-indexer test writes them. Other
// files than *.json are ignored. Of two about one tar and one server the later folder's
// counts.
func readEvidence(folders []fs.FS) (evidence, error) {
	byFile := map[string]signing.TestResult{}
	for _, folder := range folders {
		entries, err := fs.ReadDir(folder, ".")
		if err != nil {
			return nil, fmt.Errorf("reading evidence: %w", err)
		}
		for _, e := range entries {
			if path.Ext(e.Name()) != ".json" {
				continue
			}
			t, err := readStatement(folder, e)
			if err != nil {
				return nil, fmt.Errorf("reading evidence %s: %w", kube.Clean(e.Name(), false), err)
			}
			byFile[e.Name()] = t
		}
	}
	all := evidence{}
	for _, t := range byFile {
		tar := index.Digest(t.Tar)
		all[tar] = append(all[tar], t)
	}
	for _, list := range all {
		slices.SortFunc(list, func(a, b signing.TestResult) int { return strings.Compare(a.Server, b.Server) })
	}
	return all, nil
}

func readStatement(folder fs.FS, e fs.DirEntry) (t signing.TestResult, err error) {
	info, err := e.Info()
	switch {
	case err != nil:
		return t, err
	case !info.Mode().IsRegular():
		return t, errors.New("it is no regular file")
	case info.Size() > maxStatement:
		return t, fmt.Errorf("%d bytes exceed %d", info.Size(), maxStatement)
	}
	data, err := fs.ReadFile(folder, e.Name())
	if err != nil {
		return t, err
	}
	if t, err = signing.ParseUnsignedTestResult(data); err != nil {
		return t, err
	}
	if want := t.Tar + "-" + t.Server + ".json"; e.Name() != want {
		return t, fmt.Errorf("it is about %s", want)
	}
	if _, err := semver.StrictNewVersion(t.Server); err != nil {
		return t, fmt.Errorf("the version of Kubernetes is %q: %w", t.Server, err)
	}
	return t, nil
}

// attester signs test results.
type attester struct {
	evidence   evidence
	repository string
	sign       func(ctx context.Context, statement []byte) ([]byte, error)
	verify     func(bundle []byte, repository, name string, r index.Release, a index.Attestation) (signing.TestResult, []signing.Identity, error)
}

// add lists in a document the results that say anything new of its releases, and gives
// their bundles, and what they say in words.
func (t attester) add(ctx context.Context, doc *index.Document) (files []index.File, said []string, err error) {
	for i := range doc.Releases {
		r := &doc.Releases[i]
		if r.Withdrawn != "" {
			continue
		}
		for _, result := range t.evidence[r.Tar] {
			if result.Name != doc.Name || result.Version != r.Version || !news(*r, result) {
				continue
			}
			file, err := t.attest(ctx, r, result)
			if err != nil {
				return nil, nil, fmt.Errorf("signing the test result of %s %s on Kubernetes %s: %w", doc.Name, r.Version, result.Server, err)
			}
			files = append(files, file)
			text := fmt.Sprintf("%s %s on Kubernetes %s", doc.Name, r.Version, result.Server)
			if result.Result != signing.TestPassed {
				text += ", and it failed"
			}
			said = append(said, text)
		}
	}
	return files, said, nil
}

// news reports whether a result differs from the one that a release has for that minor
// version. What simulated nodes ran does not stand against what real ones did.
func news(r index.Release, t signing.TestResult) bool {
	for _, a := range r.Attestations {
		if a.About(t.Server) {
			return (a.Result != t.Result || a.Nodes != t.Nodes) && (a.Nodes != nodesReal || t.Nodes == nodesReal)
		}
	}
	return true
}

const nodesReal = "real"

// attest signs a result and lists it, in the place of the one for that minor version.
func (t attester) attest(ctx context.Context, r *index.Release, result signing.TestResult) (index.File, error) {
	result.Repository = t.repository
	result.Archive, result.SHA256 = index.ArchiveBase(result.Name, r.Version)+".tgz", string(r.SHA256)
	statement, err := result.Statement()
	if err != nil {
		return index.File{}, err
	}
	bundle, err := t.sign(ctx, statement)
	if err != nil {
		return index.File{}, err
	}
	ref := index.RefOf(bundle)
	file := dataFile(index.ObjectPath(ref.SHA256), bundle)
	r.Attestations = slices.DeleteFunc(slices.Clone(r.Attestations), func(a index.Attestation) bool { return a.About(result.Server) })
	listed := index.Attestation{
		Type: signing.TestResultType, Path: file.Path, SHA256: ref.SHA256, Size: ref.Size,
		Server: result.Server, Nodes: result.Nodes, Result: result.Result,
	}
	r.Attestations = append(r.Attestations, listed)
	_, _, err = t.verify(bundle, t.repository, result.Name, *r, listed)
	return file, err
}
