package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/client/workcopy"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
)

type infoCmd struct {
	Kube     string `arg:"" help:"NAME, NAME@VERSION, REPO/NAME, ./DIR or FILE.tgz."`
	Versions bool   `help:"List all versions."`
	output
}

// Run prints what is known of a Kube, one line a field.
func (i infoCmd) Run(ctx context.Context, c *client.Client, std *stdio) error {
	ref, err := repos.ParseRef(i.Kube)
	if err != nil {
		return err
	}
	info, err := c.Info(ctx, ref, i.Versions)
	if err != nil {
		return err
	}
	if i.Output == "name" {
		std.line("%s", info.Record.Name)
		return nil
	}
	if done, err := i.structured(std, view(info)); done || err != nil {
		return err
	}
	for _, f := range fields(info) {
		std.field(f)
	}
	return nil
}

// fields are the lines of info; the first five are those of the specification.
func fields(i client.Info) []field {
	r := merged(i)
	resolved, rest := imageFields(i.Images, r.Images)
	return slices.Concat([]field{
		{"Description", r.Description},
		{"Version", r.Version},
		{"Website", r.Home},
		{"Built", date(r.Built.Time)},
		{"Provides", strings.Join(r.Provides, " ")},
		{"Details", strings.Join(strings.Fields(r.Details), " ")},
		{"License", r.License},
		{"Maintainers", strings.Join(r.Maintainers, ", ")},
		{"Keywords", strings.Join(r.Keywords, " ")},
		{"Dependencies", dependencies(r.Dependencies)},
		{"Kubernetes", r.Kubernetes},
		{"Tested", testedOn(r, i.Failed)},
		{"kpm", r.KPM},
		{"Needs", strings.Join(r.Needs, " ")},
		{"Kinds", strings.Join(r.Kinds, " ")},
		{"Images", strings.Join(rest, " ")},
	}, resolved, []field{
		{"Hook", hookText(r.Hook)},
		{"Deprecated", r.Deprecated},
		{"Yanked", yanked(i)},
		{"Withdrawn", withdrawn(i)},
		{"Versions", strings.Join(versions(i), " ")},
		{"Repository", i.Repository},
		{"Built by", builtBy(i)},
		{"Commit", i.By.Commit},
		{"Source", i.Source},
		{"Copy", copied(i.Copy)},
	})
}

// imageFields are a field for each image of which the digest is published, and the
// references of the others.
func imageFields(published []index.Image, refs []string) (fields []field, rest []string) {
	rest = slices.Clone(refs)
	for _, image := range published {
		if image.Digest == "" {
			continue
		}
		rest = slices.DeleteFunc(rest, func(ref string) bool { return ref == image.Ref })
		platforms := ""
		if len(image.Platforms) > 0 {
			platforms = fmt.Sprintf(" (%s)", strings.Join(slices.Sorted(maps.Keys(image.Platforms)), ", "))
		}
		fields = append(fields, field{"Image", image.Ref + " " + image.Digest + platforms})
	}
	return fields, rest
}

// merged is the record of the newest release with what an older one says
// instead.
func merged(i client.Info) index.Record {
	r := i.Record
	if i.Release == nil {
		return r
	}
	old := *i.Release
	r.Version, r.Built, r.Provides, r.Dependencies = old.Version, old.Built, old.Provides, old.Dependencies
	r.Kubernetes, r.KPM, r.Needs, r.Hook, r.Yanked = old.Kubernetes, old.KPM, old.Needs, old.Hook, ""
	r.Kinds, r.Images = nil, nil
	r.Tested, r.Simulated = old.Tested()
	for _, image := range old.Images {
		r.Images = append(r.Images, image.Ref)
	}
	return r
}

// testedOn names the servers on which the release passed its test, and those on which
// it failed.
func testedOn(r index.Record, failed []string) string {
	var on []string
	for _, server := range r.Tested {
		if slices.Contains(r.Simulated, server) {
			server += " (simulated nodes)"
		}
		on = append(on, server)
	}
	for _, server := range failed {
		on = append(on, server+" (failed)")
	}
	return strings.Join(on, ", ")
}

func dependencies(ds []index.Dependency) string {
	var texts []string
	for _, d := range ds {
		if d.Version == "" {
			texts = append(texts, d.Name)
		} else {
			texts = append(texts, fmt.Sprintf("%s (%s)", d.Name, d.Version))
		}
	}
	return strings.Join(texts, ", ")
}

// builtBy is who signed where the release comes from, as far as that can be known now.
func builtBy(i client.Info) string {
	switch {
	case errors.Is(i.Unproven, repos.ErrOffline), errors.Is(i.Unproven, context.DeadlineExceeded), errors.Is(i.Unproven, fetch.ErrUnreachable):
		return "not known here, and its repository cannot be asked now"
	case i.Unproven != nil:
		return "cannot be checked: " + i.Unproven.Error()
	}
	return i.By.Signer
}

func hookText(d index.Digest) string {
	if d == "" {
		return ""
	}
	return fmt.Sprintf("runs scripts/pre-install.py (sha256:%s)", d)
}

func yanked(i client.Info) string {
	if i.Release == nil || i.Release.Yanked == nil {
		return i.Record.Yanked
	}
	if i.Release.Yanked.Revoked {
		return "revoked: " + i.Release.Yanked.Reason
	}
	return i.Release.Yanked.Reason
}

// versions are all, with what was taken back marked.
func versions(i client.Info) []string {
	out := slices.Clone(i.Versions)
	for n, v := range out {
		if done := i.Recalled[v]; done != "" {
			out[n] = fmt.Sprintf("%s (%s)", v, done)
		}
	}
	return out
}

func withdrawn(i client.Info) string {
	if i.Release == nil {
		return ""
	}
	return i.Release.Withdrawn
}

func copied(c *workcopy.Copy) string {
	switch {
	case c == nil:
		return ""
	case c.Version == "":
		return c.Dir + " (not made by kpm)"
	case len(c.Edited) > 0:
		return fmt.Sprintf("%s (%s, edited)", c.Dir, c.Version)
	}
	return fmt.Sprintf("%s (%s)", c.Dir, c.Version)
}

// infoView is info as scripts see it.
type infoView struct {
	Repository string `json:"repository"`
	index.Record
	Failed   []string          `json:"failed,omitempty"` // versions of servers on which its test failed
	Release  *index.Release    `json:"release,omitempty"`
	Versions []string          `json:"versions,omitempty"`
	Recalled map[string]string `json:"recalled,omitempty"` // of versions: yanked or revoked
	Resolved []index.Image     `json:"resolvedImages,omitempty"`
	Source   string            `json:"source,omitempty"`
	Page     string            `json:"page,omitempty"`
	Copy     *workcopy.Copy    `json:"copy,omitempty"`
	Signer   string            `json:"signer,omitempty"` // of the provenance
	Commit   string            `json:"commit,omitempty"` // that the provenance names
}

func view(i client.Info) infoView {
	return infoView{i.Repository, merged(i), i.Failed, i.Release, i.Versions, i.Recalled, i.Images, i.Source, i.Page, i.Copy, i.By.Signer, i.By.Commit}
}
