package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/internal/ceremony"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/trust"
)

type trustShowCmd struct {
	Where string `arg:"" default:"trust" name:"site|url|file" help:"A site, its URL, a folder of trust documents, one of them, or a draft."`
	URL   string `placeholder:"URL" help:"Where the site is served; only printed."`
}

// Run prints a trust document: who may sign what, until when, the line that pins it,
// and what it changes of the one before. A document is shown only if it is proven by
// those before it.
func (c trustShowCmd) Run(ctx context.Context, std stdio) error {
	now, err := std.now()
	if err != nil {
		return err
	}
	documents, draft, err := c.open(ctx, std)
	if err != nil {
		return err
	}
	newest := documents[len(documents)-1]
	if draft != nil {
		return c.showDraft(std, draft, now)
	}
	pin := trust.Pin{Version: newest.Version, Digest: newest.Digest()}
	std.heading(newest.String())
	std.field("Pin", pin.String())
	std.field("Signed by", strings.Join(newest.SignedBy(), ", "))
	showDocument(std, newest, now)
	if len(documents) > 1 {
		showChanges(std, ceremony.Changes(documents[len(documents)-2], newest), newest.Version-1)
	}
	std.field("Add it", fmt.Sprintf("kpm repo add %s %s --trust %s", newest.Repository, orURL(c.URL), pin))
	return nil
}

func (c trustShowCmd) showDraft(std stdio, draft *ceremony.Draft, now time.Time) error {
	signed, err := draft.Signed()
	if err != nil {
		return err
	}
	needs, err := draft.Needs()
	if err != nil {
		return err
	}
	std.heading("draft of " + draft.Document.String())
	std.field("Signed by", strings.Join(signed, ", "))
	for _, n := range needs {
		std.field("Missing", n.String())
	}
	showDocument(std, draft.Document, now)
	showChanges(std, draft.Changes(), draft.Document.Version-1)
	return nil
}

func showChanges(std stdio, lines []string, from int64) {
	for _, line := range lines {
		std.field(fmt.Sprintf("Since %d", from), line)
	}
}

func showDocument(std stdio, d *trust.Document, now time.Time) {
	days := int(d.Expires.Sub(now).Hours() / 24)
	std.field("Epoch", strconv.FormatInt(d.Epoch, 10))
	std.field("Expires", fmt.Sprintf("%s, in %d days", d.Expires.Format(time.DateOnly), days))
	std.field("Grace", fmt.Sprintf("at most %d days", d.MaxGraceDays))
	for _, name := range []trust.RoleName{trust.TrustRole, trust.IndexRole, trust.ProvenanceRole, trust.TestsRole} {
		role := d.Role(name)
		std.field("Role "+string(name), fmt.Sprintf("%d of %s", role.Threshold, strings.Join(role.Signers, ", ")))
	}
	for _, name := range slices.Sorted(maps.Keys(d.Sigstore)) {
		s := d.Sigstore[name]
		std.field("Sigstore "+name, fmt.Sprintf("%s, %s", s.RootName(), s.Profile))
	}
	for _, name := range slices.Sorted(maps.Keys(d.Signers)) {
		std.field("Signer "+name, d.Signers[name].Identity().String())
	}
}

// open gives the documents up to the one that is meant, and the draft if that is one.
func (c trustShowCmd) open(ctx context.Context, std stdio) ([]*trust.Document, *ceremony.Draft, error) {
	if strings.Contains(c.Where, "://") {
		all, err := indexer.MaintainOptions{Site: c.Where, Fetch: std.fetch()}.Documents(ctx)
		return all, nil, err
	}
	info, err := os.Stat(c.Where)
	if err != nil {
		return nil, nil, err
	}
	if info.IsDir() {
		all, err := folderDocuments(ctx, c.Where)
		return all, nil, err
	}
	dir, base := filepath.Split(c.Where)
	number, isDraft := strings.CutSuffix(base, ".draft")
	n, err := strconv.Atoi(strings.TrimSuffix(number, ".json"))
	if err != nil || n < 1 {
		return nil, nil, usage("%s is not called like a trust document, 1.json, or a draft, 2.json.draft", c.Where)
	}
	all, err := indexer.MaintainOptions{Trust: filepath.Clean(dir)}.Documents(ctx)
	if err != nil {
		return nil, nil, err
	}
	if isDraft {
		draft, err := drafting{dir, all[len(all)-1]}.read(c.Where)
		return all, draft, err
	}
	if n > len(all) {
		return nil, nil, fmt.Errorf("reading %s: the documents before it, from 1.json on, must lie beside it", c.Where)
	}
	return all[:n], nil, nil
}

// folderDocuments reads the documents of a site, or of a folder that has them alone.
func folderDocuments(ctx context.Context, dir string) ([]*trust.Document, error) {
	if _, err := os.Stat(filepath.Join(dir, "1.json")); !errors.Is(err, fs.ErrNotExist) {
		return indexer.MaintainOptions{Trust: dir}.Documents(ctx)
	}
	return indexer.MaintainOptions{Site: dir}.Documents(ctx)
}

// heading is the first line of an answer.
func (s stdio) heading(text string) {
	fmt.Fprintln(s.out, kube.Clean(text, false))
}

// field is one indented line of an answer.
func (s stdio) field(name, value string) {
	fmt.Fprintf(s.out, "\t%s: %s\n", name, kube.Clean(value, false))
}
