package indexer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/Masterminds/semver/v3"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/signing"
)

// evidence are unsigned test results by the tar that they are about, one for each minor
// version of Kubernetes.
type evidence map[index.Digest][]signing.TestResult

// maxStatement is more than a statement that a bundle can carry has, in bytes.
const maxStatement = signing.MaxTestResult

// maxFolders is how deep folders of evidence may lie in each other: a download of what
// many jobs left has one for each of them.
const maxFolders = 4

// readEvidence reads the statements of folders and of what lies in them, as kpm-indexer
// test writes them. Other files than *.json are ignored. Of those about one tar and one
// minor version that of real nodes counts, and then that of the newest server. Of two about
// one server and such nodes the later folder's does, and where one folder has both, that
// which failed: which of them is newer nobody can tell.
func readEvidence(folders []fs.FS) (evidence, error) {
	type about struct{ file, nodes string }
	found := map[about]signing.TestResult{}
	for _, folder := range folders {
		here := map[about]signing.TestResult{}
		err := fs.WalkDir(folder, ".", func(at string, e fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return fmt.Errorf("reading evidence: %w", err)
			case e.IsDir() && strings.Count(at, "/") >= maxFolders:
				return fmt.Errorf("reading evidence: %s lies more than %d folders deep", kube.Clean(at, false), maxFolders)
			case e.IsDir() || path.Ext(at) != ".json":
				return nil
			}
			t, err := readStatement(folder, at, e)
			if err != nil {
				return fmt.Errorf("reading evidence %s: %w", kube.Clean(at, false), err)
			}
			if of := (about{e.Name(), t.Nodes}); here[of].Result != signing.TestFailed {
				here[of] = t
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		maps.Copy(found, here)
	}
	all := evidence{}
	for _, t := range found {
		tar := index.Digest(t.Tar)
		all[tar] = append(all[tar], t)
	}
	for tar, list := range all {
		slices.SortFunc(list, byServer)
		list = slices.CompactFunc(list, func(a, b signing.TestResult) bool { return minorOf(a) == minorOf(b) })
		slices.Reverse(list)
		all[tar] = list
	}
	return all, nil
}

// byServer orders results by the server, descending, those of real nodes first among
// those of one minor version.
func byServer(a, b signing.TestResult) int {
	va, vb := semver.MustParse(a.Server), semver.MustParse(b.Server) // readStatement has read them
	simulated := func(t signing.TestResult) int {
		if t.Nodes == nodesReal {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(vb.Major(), va.Major()), cmp.Compare(vb.Minor(), va.Minor()), cmp.Compare(simulated(a), simulated(b)), vb.Compare(va))
}

func minorOf(t signing.TestResult) string { return index.Attestation{Server: t.Server}.Minor() }

// about is the result of a tar on a minor version.
func (e evidence) about(tar, minor string) (signing.TestResult, bool) {
	for _, t := range e[index.Digest(tar)] {
		if minorOf(t) == minor {
			return t, true
		}
	}
	return signing.TestResult{}, false
}

func readStatement(folder fs.FS, at string, e fs.DirEntry) (t signing.TestResult, err error) {
	info, err := e.Info()
	switch {
	case err != nil:
		return t, err
	case !info.Mode().IsRegular():
		return t, errors.New("it is no regular file")
	case info.Size() > maxStatement:
		return t, fmt.Errorf("%d bytes exceed %d", info.Size(), maxStatement)
	}
	data, err := fs.ReadFile(folder, at)
	if err != nil {
		return t, err
	}
	if t, err = signing.ParseUnsignedTestResult(data); err != nil {
		return t, err
	}
	if want := statementName(t); e.Name() != want {
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
	claimed    *sync.Map // statements that a release or a folder here has, by statementName
	repository string
	sign       func(ctx context.Context, statement []byte) ([]byte, error)
	verify     func(bundle []byte, repository, name string, r index.Release, a index.Attestation) (signing.TestResult, []signing.Identity, error)
}

// statementName is the name of the file that a result lies in.
func statementName(t signing.TestResult) string { return t.Tar + "-" + t.Server + ".json" }

// of are the results of one release.
func (t attester) of(name, version string, tar index.Digest) (list []signing.TestResult) {
	for _, result := range t.evidence[tar] {
		if result.Name == name && result.Version == version {
			t.claimed.Store(statementName(result), true)
			list = append(list, result)
		}
	}
	return list
}

// refuse refuses a release that nobody has yet, and that failed a test. One that is out
// has its results published, whatever they are.
func (t attester) refuse(f folder, tar index.Digest) error {
	var ps kube.Problems
	for _, result := range t.of(f.name, f.kube.Version.String(), tar) {
		if result.Result == signing.TestFailed {
			ps = append(ps, f.version("version %s failed its test on Kubernetes %s, and is not released: %s", result.Version, result.Server, whatFailed(result)))
		}
	}
	if len(ps) == 0 {
		return nil
	}
	return refusal{ps}
}

// whatFailed is the reason in one line, or else the names of what failed.
func whatFailed(t signing.TestResult) string {
	why := strings.Join(strings.Fields(kube.Clean(t.Run.Failure, true)), " ")
	return cmp.Or(why, strings.Join(t.Failed, ", "))
}

// unclaimed are the results that no release and no folder here has, in words.
func (t attester) unclaimed() (list []string) {
	for _, results := range t.evidence {
		for _, result := range results {
			if _, ok := t.claimed.Load(statementName(result)); !ok {
				list = append(list, fmt.Sprintf("%s %s on Kubernetes %s", result.Name, result.Version, result.Server))
			}
		}
	}
	slices.Sort(list)
	return list
}

// add lists in a document the results that say anything new of its releases, and gives
// their bundles, and what they say in words.
func (t attester) add(ctx context.Context, doc *index.Document) (files []index.File, said []string, err error) {
	for i := range doc.Releases {
		r := &doc.Releases[i]
		for _, result := range t.of(doc.Name, r.Version, r.Tar) {
			if r.Withdrawn != "" || !news(*r, result) {
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
