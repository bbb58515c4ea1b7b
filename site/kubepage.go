package site

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/pagelist"
)

// release is what the page of a release shows.
type release struct {
	index.Release
	Name                      string
	Path                      string // of its page
	FilesPath                 string
	Archive                   string
	Newest                    bool
	Contents                  *contents
	Changes                   []change
	Before                    string // version of the release before
	BeforePath                string
	Kinds                     []string
	Files                     []file
	Day                       string
	Moment                    string
	Bytes                     string
	Proof                     *proof
	Results                   []testResult
	Shown                     excerpt
	NewestVersion, NewestPath string
}

// excerpt is the lists of a release, as far as a page has room for them.
type excerpt struct {
	Changes     piece[change]
	Files       piece[file]
	Values      piece[value]
	Images      piece[image]
	Permissions piece[line]
}

// Bytes of HTML that each part of a Kube's page may have; together they are less than a
// page may have.
const (
	readmeBytes     = 30 << 10
	changesBytes    = 6 << 10
	filesBytes      = 6 << 10
	valuesBytes     = 12 << 10
	versionsBytes   = 5 << 10
	dependentsBytes = 4 << 10
	needsBytes      = 4 << 10
	factBytes       = 2 << 10 // of each list among the facts
	briefRows       = 50      // rows of any of these lists
	recentVersions  = 12
)

// line is a row of one text.
type line struct{ Text string }

func (l line) size() int { return 20 + weigh(l.Text) }

// image is a container image that a release uses, with its digest where that is published.
type image struct {
	Ref, Digest, Platforms string
}

// Short is the beginning of the digest.
func (i image) Short() string { return i.Digest[:min(len(i.Digest), len("sha256:")+12)] + "…" }

func (i image) size() int { return 150 + weigh(i.Ref, i.Digest, i.Platforms) }

// printKube draws all pages of a Kube: its own, and two or more for each release.
func printKube(ctx context.Context, p *printer, c *catalog, k *entry) error {
	doc, err := p.Document(ctx, k.Line)
	if err != nil {
		return err
	}
	common, err := kubeValues(p, c, k, doc)
	if err != nil {
		return err
	}
	var versions []*release
	for _, r := range doc.Releases {
		versions = append(versions, newRelease(k, r))
	}
	// Of each release its own contents are needed, and those of the one before:
	// never more than two at once.
	at, err := open(ctx, p.Read, k.Name, versions[0].Release)
	if err != nil {
		return err
	}
	for i := range versions {
		r := *versions[i]
		var before *contents
		if i+1 < len(versions) {
			r.Before, r.BeforePath = versions[i+1].Version, versions[i+1].Path
			if before, err = open(ctx, p.Read, k.Name, versions[i+1].Release); err != nil {
				return err
			}
		}
		r.fill(at, before)
		if err := r.prove(ctx, p.Repository); err != nil {
			return err
		}
		if err := printRelease(p, k, &r, versions, common); err != nil {
			return err
		}
		at = before
	}
	return nil
}

// kubeValues is what all pages of a Kube show.
func kubeValues(p *printer, c *catalog, k *entry, doc *index.Document) (map[string]any, error) {
	readme, whole, err := newMarkdown().page(k.Name, doc.Readme, readmeBytes)
	if err != nil {
		return nil, err
	}
	needs, keywords := dependencyLinks(c, k), keywordLinks(k)
	common := map[string]any{
		"k": k, "readme": readme, "readmeWhole": whole, "details": cut(k.Details, maxDetails), "home": webAddress(k.Home),
		"maintainers": fit(maintainers(k.Maintainers), briefRows, factBytes), "keywords": fit(keywords, briefRows, factBytes),
		"dependencies": fit(needs, briefRows, needsBytes), "needs": len(needs),
		"edit": editAddress(p.Source, k.Name), "report": reportAddress(p.Source), "document": index.ObjectPath(k.Doc.SHA256),
	}
	common["dependents"], err = pieceOf(p, pagelist.KubeFolder(k.Name)+"dependents", "dependents", "Kubes that need "+k.Name, dependentLinks(k), briefRows, dependentsBytes, common)
	return common, err
}

// maxDetails is how many characters of its details a page shows above the README.
const maxDetails = 2000

// printRelease draws the pages of a release, and those of its Kube if it is the newest.
func printRelease(p *printer, k *entry, r *release, versions []*release, common map[string]any) error {
	values := clone(common)
	values["r"], values["install"] = r, installCommand(r)
	if err := r.show(p, values); err != nil {
		return err
	}
	if r.Newest {
		list, err := pieceOf(p, pagelist.KubeFolder(k.Name)+"versions", "versions", "Versions of "+k.Name, versions, recentVersions, versionsBytes, values)
		if err != nil {
			return err
		}
		values["versions"], values["readmeAnchor"] = list, r.anchorOf("README.md")
		if err := p.page(kubePath(k.Name), "kube.html", k.Name, values); err != nil {
			return err
		}
	}
	if err := p.page(r.Path, "release.html", k.Name+" "+r.Version, values); err != nil {
		return err
	}
	return printFiles(p, k, r)
}

// installCommand is what a reader types. One that kpm would refuse is nobody's: the newest
// release takes its place.
func installCommand(r *release) string {
	if r.Newest || r.Withdrawn != "" || r.Yanked != nil && r.Yanked.Revoked {
		return "$ kpm install " + r.Name
	}
	return "$ kpm install " + r.Name + "@" + r.Version
}

// newRelease is what a document says of a release.
func newRelease(k *entry, r index.Release) *release {
	out := &release{
		Release: r, Name: k.Name, Path: releasePath(k.Name, r.Version), FilesPath: filesPath(k.Name, r.Version), Newest: r.Version == k.Version,
		Day: r.Built.Format(time.DateOnly), Moment: r.Built.Format(time.RFC3339), Bytes: bytesText(r.Size),
		NewestVersion: k.Version, NewestPath: kubePath(k.Name),
	}
	if r.Withdrawn == "" {
		out.Archive = index.ArchivePath(k.Name, r.Version)
	}
	return out
}

func (r *release) size() int { return 260 + weigh(r.Version, r.Path, r.Moment) }

// Detailed are those of which the page says more.
func (r *release) Detailed() []testResult { return fit(r.Results, maxResults, detailBytes) }

// Brief are the test results that the facts have room for.
func (r *release) Brief() []testResult { return first(r.Results, maxServers) }

// ShortSum is the beginning of the archive's sha256.
func (r *release) ShortSum() string { return string(r.SHA256[:min(len(r.SHA256), 16)]) }

// fill adds what the archive of a release says, and what it changed since the
// one before. A withdrawn release has none.
func (r *release) fill(c, before *contents) {
	r.Contents, r.Changes = c, changes(before, c)
	if c == nil {
		return
	}
	r.Kinds = c.kinds()
	for i, f := range c.kube.Files {
		r.Files = append(r.Files, file{Path: f.Path, Anchor: fmt.Sprintf("file-%d", i+1), Bytes: bytesText(int64(len(f.Data))), Href: r.FilesPath})
	}
}

// images are those that are published with their digests, else those that the objects have.
func (r *release) images() []image {
	var out []image
	for _, i := range r.Images {
		out = append(out, image{i.Ref, i.Digest, strings.Join(slices.Sorted(maps.Keys(i.Platforms)), ", ")})
	}
	if len(out) == 0 && r.Contents != nil {
		for _, ref := range r.Contents.Images {
			out = append(out, image{Ref: ref})
		}
	}
	return out
}

// show cuts the lists of a release to what a page has room for, and draws the pages of
// those that are longer.
func (r *release) show(p *printer, values map[string]any) error {
	at := func(word string) string {
		return pagelist.KubeFolder(r.Name) + word + "/" + strings.ReplaceAll(r.Version, "+", "_")
	}
	of := " " + r.Name + " " + r.Version
	var table []value
	var permissions []line
	if r.Contents != nil {
		table = r.Contents.Values
		for _, text := range r.Contents.Permissions {
			permissions = append(permissions, line{text})
		}
	}
	var err error
	if r.Shown.Changes, err = pieceOf(p, at("changes"), "changes", "What"+of+" changed", r.Changes, briefRows, changesBytes, values); err != nil {
		return err
	}
	if r.Shown.Files, err = pieceOf(p, at("contents"), "files", "List of the files of"+of, r.Files, briefRows, filesBytes, values); err != nil {
		return err
	}
	if r.Shown.Values, err = pieceOf(p, at("values"), "values", "Values of"+of, table, briefRows, valuesBytes, values); err != nil {
		return err
	}
	if r.Shown.Images, err = pieceOf(p, at("images"), "images", "Images of"+of, r.images(), briefRows, factBytes, values); err != nil {
		return err
	}
	r.Shown.Permissions, err = pieceOf(p, at("permissions"), "permissions", "Permissions that"+of+" asks for", permissions, briefRows, factBytes, values)
	return err
}

// anchorOf is the place of a file on the page of all files, "" where there is none.
func (r *release) anchorOf(path string) string {
	for _, f := range r.Files {
		if f.Path == path {
			return r.FilesPath + "#" + f.Anchor
		}
	}
	return ""
}

// prove adds what the attestations of a release say. A withdrawn one has none that anybody
// can compare with an archive.
func (r *release) prove(ctx context.Context, from Repository) (err error) {
	if r.Withdrawn != "" {
		return nil
	}
	if r.Proof, err = proofOf(ctx, from, r.Name, r.Release); err != nil {
		return err
	}
	r.Results, err = openResults(ctx, from, r.Name, r.Release)
	return err
}

// bytesText is a size for people, in decimal units.
func bytesText(n int64) string {
	switch {
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	case n >= 1e3:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%d bytes", n)
}
