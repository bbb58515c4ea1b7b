package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/cmd/internal/exit"
	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/inputfile"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/internal/words"
)

type repoCmd struct {
	Add    repoAddCmd    `cmd:"" help:"Add a repository."`
	Set    repoSetCmd    `cmd:"" help:"Change how a repository is used."`
	List   repoListCmd   `cmd:"" aliases:"ls" help:"List the repositories."`
	Remove repoRemoveCmd `cmd:"" aliases:"rm" help:"Forget a repository."`
	Show   repoShowCmd   `cmd:"" help:"Show whom a repository is trusted to, and how fresh it is."`
}

type repoAddCmd struct {
	Alias    string   `arg:"" help:"What to call it here."`
	URL      string   `arg:"" name:"url" help:"https://…, http://…, file:///… or a folder."`
	Trust    string   `xor:"pin" placeholder:"PIN" help:"The trust document to start from: 1@sha256:HEX, as the repository's owner publishes it."`
	Key      string   `xor:"pin" type:"existingfile" placeholder:"FILE" help:"Trust this public key instead."`
	Identity string   `xor:"pin" placeholder:"SAN" help:"Trust the certificates of this identity instead."`
	Issuer   string   `placeholder:"URL" help:"Who issues the certificates of --identity."`
	Source   string   `name:"source-repository" placeholder:"URL" help:"The repository whose workflow --identity is, where several call it."`
	Mirror   []string `placeholder:"URL" help:"A further source of the same repository; may be repeated."`
	TokenEnv string   `placeholder:"VAR" help:"A variable that holds the bearer token of a private repository."`
	Grace    string   `placeholder:"DAYS" help:"Go on with an index that expired up to so long ago, as in 90d."`

	Provenance string `enum:",ignore,verify-if-present,require" default:"" placeholder:"POLICY" help:"Of archives: ignore asks for none, verify-if-present lets those without one pass, require refuses also folders and archives of your own that nobody vouches for."`
}

// Run adds a repository. Without a pin it shows what it would pin and asks, on a
// terminal. What can be reached and is not the repository that is meant is refused.
func (a repoAddCmd) Run(ctx context.Context, c *client.Client, std *stdio) error {
	if a.URL == "" {
		return usage("the URL is empty")
	}
	r := repos.Config{
		Alias: a.Alias, Sources: []string{fetch.URL(a.URL)}, Identity: a.Identity, Issuer: a.Issuer, Source: a.Source,
		TokenEnv: a.TokenEnv, Grace: a.Grace, Provenance: a.Provenance,
	}
	for _, m := range a.Mirror {
		r.Sources = append(r.Sources, fetch.URL(m))
	}
	switch {
	case a.Trust != "":
		pin, err := trust.ParsePin(a.Trust)
		if err != nil {
			return errcode.With(errcode.Usage, nil, err)
		}
		r.Pin = &pin
	case a.Key != "":
		key, err := inputfile.Read(a.Key, inputfile.MaxKey)
		if err != nil {
			return err
		}
		r.Key = string(key)
	case a.Identity == "":
		pin, err := a.discover(ctx, c, std, r)
		if err != nil {
			return err
		}
		r.Pin = &pin
	}
	r.Added = c.Now().UTC().Truncate(time.Second)
	switch err := c.Repos.Probe(ctx, r); {
	case errors.Is(err, fetch.ErrForbidden):
		std.warn(fmt.Sprintf("%s lets nobody in without a credential, or not with this one; whether it is the repository that you mean is for the first update to say", r.Sources[0]))
	case errors.Is(err, fetch.ErrUnreachable):
		std.warn(fmt.Sprintf("nobody answers at %s now; whether it is the repository that you mean is for the first update to say", r.Sources[0]))
	case err != nil:
		return err
	}
	if err := c.Repos.ConfigFile().Add(ctx, r); err != nil {
		return err
	}
	std.step("Added %s; next: %s update", a.Alias, std.name)
	return nil
}

// discover asks the user whether what the repository says of itself may be
// pinned. -y does not answer that.
func (a repoAddCmd) discover(ctx context.Context, c *client.Client, std *stdio, r repos.Config) (trust.Pin, error) {
	if !std.inTerminal || !std.errTerminal {
		return trust.Pin{}, &unansweredError{question: fmt.Sprintf("which trust document of %s is the right one? Say --trust 1@sha256:…, or --key FILE", a.Alias), inPerson: true}
	}
	found, err := c.Repos.Discover(ctx, r)
	if err != nil {
		return trust.Pin{}, err
	}
	q := client.Question{
		Facts: []string{
			fmt.Sprintf("nothing says yet that %s is who you mean", found.Source),
			fmt.Sprintf("it calls itself %s; its trust document is %s", found.Name, found.Pin),
		},
		Ask: "Compare it with what its owner publishes. Trust it from now on?",
	}
	for _, s := range found.Signers {
		q.Facts = append(q.Facts, fmt.Sprintf("signer %s (%s): %s", s.Name, strings.Join(s.Roles, ", "), s.Identity))
	}
	return found.Pin, std.ask(ctx, q, false)
}

type repoListCmd struct{ output }

// Run prints a row for each repository.
func (l repoListCmd) Run(c *client.Client, std *stdio) error {
	all, err := c.Repos.Repositories()
	if err != nil {
		return err
	}
	views := make([]repoView, len(all))
	rows := make([][]string, len(all))
	for i, r := range all {
		s := r.Status()
		views[i] = viewRepo(s)
		age := "never updated"
		switch {
		case !s.Issued.IsZero():
			age = ago(c.Now(), s.Issued)
		case s.Err != nil && !errcode.Has(s.Err, errcode.NeverUpdated):
			age = "cannot be read"
			text := s.Err.Error()
			if next := exit.Next(std.name, s.Err); next != "" {
				text += " (next: " + next + ")"
			}
			std.warn(text)
		}
		rows[i] = []string{s.Config.Alias, s.Config.Sources[0], strconv.FormatInt(s.Kubes, 10), age}
	}
	if done, err := l.structured(std, views); done || err != nil {
		return err
	}
	if l.Output == "name" {
		for _, v := range views {
			std.line("%s", v.Alias)
		}
		return nil
	}
	if len(rows) == 0 {
		std.step("no repository is configured; %s repo add adds one", std.name)
		return nil
	}
	l.table(std, []string{"NAME", "URL", "KUBES", "PUBLISHED"}, rows)
	return nil
}

type repoRemoveCmd struct {
	Alias string `arg:"" help:"The repository."`
}

// Run forgets a repository. Working copies stay.
func (r repoRemoveCmd) Run(ctx context.Context, c *client.Client, std *stdio) error {
	if err := c.Repos.ConfigFile().Remove(ctx, r.Alias); err != nil {
		return err
	}
	std.step("Removed %s", r.Alias)
	return nil
}

type repoShowCmd struct {
	Alias string `arg:"" help:"The repository."`
	output
}

// Run prints whom a repository is trusted to, its newest pin, its ages, and which
// of its hooks the user agreed to.
func (r repoShowCmd) Run(c *client.Client, std *stdio) error {
	opened, err := c.Repos.Repository(r.Alias)
	if err != nil {
		return err
	}
	s := opened.Status()
	v := viewRepo(s)
	if done, err := r.structured(std, v); done || err != nil {
		return err
	}
	if r.Output == "name" {
		std.line("%s", v.Alias)
		return nil
	}
	for _, f := range v.fields(c.Now(), s) {
		std.field(f)
	}
	return nil
}

// repoView is a repository as scripts see it.
type repoView struct {
	Alias        string          `json:"alias"`
	Name         string          `json:"name,omitempty"`
	Sources      []string        `json:"sources"`
	Pin          string          `json:"pin,omitempty"`
	Signers      []repos.Signer  `json:"signers,omitempty"`
	Epoch        int64           `json:"epoch,omitempty"`
	Seq          int64           `json:"seq,omitempty"`
	Kubes        int64           `json:"kubes"`
	Issued       time.Time       `json:"issued,omitzero"`
	Expires      time.Time       `json:"expires,omitzero"`
	TrustExpires time.Time       `json:"trustExpires,omitzero"`
	TrustSince   time.Time       `json:"trustSince,omitzero"`
	Grace        string          `json:"grace,omitempty"`
	Provenance   string          `json:"provenance,omitempty"`
	Consents     []repos.Consent `json:"consents,omitempty"` // hooks that the user agreed to
	Trouble      string          `json:"trouble,omitempty"`
}

func viewRepo(s repos.Status) repoView {
	v := repoView{
		Alias: s.Config.Alias, Name: s.Name, Sources: s.Config.Sources, Signers: s.Signers, Epoch: s.Epoch, Seq: s.Seq,
		Kubes: s.Kubes, Issued: s.Issued, Expires: s.Expires, TrustExpires: s.TrustExpires, TrustSince: s.TrustSince, Grace: s.Config.Grace, Provenance: s.Config.Provenance,
		Consents: s.Consents,
	}
	if s.Pin != nil {
		v.Pin = s.Pin.String()
	}
	if s.Err != nil {
		v.Trouble = s.Err.Error()
	}
	return v
}

func (v repoView) fields(now time.Time, s repos.Status) []field {
	fields := []field{{"Name", v.Name}, {"Sources", strings.Join(v.Sources, " ")}, {"Pin", v.Pin}}
	for _, signer := range v.Signers {
		since := ""
		if !signer.Since.IsZero() {
			since = ", since " + signer.Since.UTC().Format(time.DateOnly)
		}
		fields = append(fields, field{"Signer", fmt.Sprintf("%s (%s)%s: %s", signer.Name, strings.Join(signer.Roles, ", "), since, signer.Identity)})
	}
	if v.Seq > 0 {
		fields = append(fields,
			field{"Index", fmt.Sprintf("epoch %d, number %d, %s", v.Epoch, v.Seq, words.Count(v.Kubes, "Kube"))},
			field{"Published", ago(now, v.Issued)},
			field{"Expires", until(now, v.Expires)})
	}
	if !v.TrustExpires.IsZero() {
		fields = append(fields, field{"Trust expires", until(now, v.TrustExpires)})
	}
	fields = append(fields, field{"Grace", v.Grace}, field{"Provenance", v.Provenance}, field{"Trouble", v.Trouble})
	for _, given := range v.Consents {
		fields = append(fields, field{"Hook", fmt.Sprintf("of %s %s", given.Kube, given)})
	}
	if errcode.Has(s.Err, errcode.NeverUpdated) {
		fields = append(fields, field{"Next", "kpm update"})
	}
	return fields
}

type repoSetCmd struct {
	Alias    string `arg:"" help:"The repository."`
	Images   string `xor:"images" placeholder:"REGISTRY/PREFIX" help:"Take the images of its Kubes from this mirror."`
	NoImages bool   `xor:"images" help:"Take them from where their manifests say."`

	PinPlatform string `placeholder:"OS/ARCH" help:"Name the manifests of this platform there, for a registry that takes no index of which platforms are left out."`
}

// Run changes how a repository is used.
func (r repoSetCmd) Run(ctx context.Context, c *client.Client, std *stdio) error {
	if r.Images == "" && !r.NoImages {
		return usage("nothing to set: say --images REGISTRY/PREFIX or --no-images")
	}
	if r.NoImages && r.PinPlatform != "" {
		return usage("--pin-platform is for --images")
	}
	if err := c.Repos.ConfigFile().SetImages(ctx, r.Alias, r.Images, r.PinPlatform); err != nil {
		return err
	}
	if r.NoImages {
		std.step("%s takes images from where manifests say", r.Alias)
		return nil
	}
	std.step("%s takes images from %s", r.Alias, r.Images)
	return nil
}
