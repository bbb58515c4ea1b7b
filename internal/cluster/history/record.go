package history

import (
	"encoding/json"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/index"
)

// Schema is what a record says it is.
const Schema = "kpm.installation/v1"

// Record is what a cluster keeps of a revision of an installation. Its name
// and namespace are those of the Secret.
type Record struct {
	Schema     string `json:"schema"`
	Action     string `json:"action"`            // install, upgrade, rollback, uninstall
	To         int    `json:"to,omitempty"`      // the revision that a rollback went back to
	Repeats    int    `json:"repeats,omitempty"` // the revision that it is the same as: it only healed drift
	Version    string `json:"version"`
	Repository string `json:"repository,omitempty"` // as the head of the repository names itself
	Pin        string `json:"pin,omitempty"`
	Digest     string `json:"digest,omitempty"` // of the archive
	Signer     string `json:"signer,omitempty"` // of its provenance, verified at the time
	Images     string `json:"images,omitempty"` // REGISTRY/PREFIX of the image mirror that its images come from
	// ImagesPlatform is OS/ARCH, whose manifests are named there instead of indexes.
	ImagesPlatform string `json:"imagesPlatform,omitempty"`
	Edited         bool   `json:"edited,omitempty"` // it came from a working copy that was edited

	Dependencies []index.Dependency `json:"dependencies,omitempty"`

	Salt       []byte            `json:"salt,omitempty"`      // of Inputs
	Overrides  json.RawMessage   `json:"overrides,omitempty"` // the user's own values
	HookDigest string            `json:"hookDigest,omitempty"`
	HookValues string            `json:"hookValues,omitempty"` // digest of the values that the hook was run with
	HookFiles  map[string][]byte `json:"hookFiles,omitempty"`  // what it wrote, by path

	Derived []Place `json:"derived,omitempty"` // texts that templates made of values: not to be shown

	Digests map[int]string `json:"digests,omitempty"` // of the revisions that can be gone back to, by number, and its own

	Inventory []api.Item        `json:"inventory"`
	Manifests []json.RawMessage `json:"manifests,omitempty"` // as applied; a Secret out of the namespace without its values
}

// Place is where a text stands in an object of a record.
type Place struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Name       string `json:"name"`
	Pointer    string `json:"pointer"` // JSON Pointer (RFC 6901)
}

// Seal gives the record the manifests that were planned and the digests of revisions,
// its own as that of number among them. It returns what objects that are made with it
// carry as kpm.sh/inputs.
func (r *Record) Seal(number int, manifests []json.RawMessage, digests map[int]string) (confirmation string) {
	r.Manifests, r.Digests = manifests, digests
	r.Digests[number] = r.digest()
	return r.confirmation()
}
