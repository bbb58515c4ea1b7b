package client

import (
	"fmt"
	"slices"
	"time"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
)

// consent is what a user who agrees to the hook of a digest agrees to.
func (f *Fetched) consent(digest index.Digest) (repos.Consent, error) {
	given := repos.Consent{Kube: f.ID.Name, Digest: digest, Given: f.client.Now().UTC().Truncate(time.Second)}
	rel := f.opened.Release
	if rel == nil {
		return given, nil
	}
	var err error
	given.Root, err = rel.Repository.Root()
	given.Repository, given.Signer = rel.Repository.Alias, rel.By.Signer
	return given, err
}

// asking is the question for consent, nil if the user gave it before, and what they
// would agree to.
func (f *Fetched) asking(digest index.Digest) (*Question, repos.Consent, error) {
	agreed, outdated, err := f.client.Repos.ConfigFile().Consents()
	if err != nil {
		return nil, repos.Consent{}, err
	}
	wanted, err := f.consent(digest)
	if err != nil || slices.ContainsFunc(agreed, wanted.Covers) {
		return nil, wanted, err
	}
	q := &Question{
		Facts: []string{fmt.Sprintf("%s runs a script on this machine before it is installed: %s (with all files of the Kube, which it can read, sha256:%s), %s",
			f.ID.Name, kube.HookPath, digest, f.opened.publisher())},
		Ask: "Run it, now and from now on?",
	}
	script, _ := f.opened.Kube.Hook()
	switch {
	case slices.ContainsFunc(agreed, func(c repos.Consent) bool { return c.Kube == wanted.Kube && c.Root == wanted.Root }):
		q.Facts = append(q.Facts, fmt.Sprintf("you agreed to the hook of another %s, whose files differ", f.ID.Name))
	case slices.Contains(outdated, index.DigestOf(script.Data)):
		q.Facts = append(q.Facts, "you agreed to this script before, but not to the files that it can load: what an older kpm remembers counts no more")
	}
	return q, wanted, nil
}
