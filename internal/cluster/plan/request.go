package plan

import (
	"context"
	"encoding/json"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// Request is what a plan is made for.
type Request struct {
	Installation api.Installation
	Past         Past     // what is recorded of it
	Adopt        []string // unowned objects to take over, as [Ref.Arg] writes them; the namespace may be left out

	UseCRD []string // names of CRDs of others to use as they are

	AllowClusterScoped bool   // objects may be added out of the namespace, and what admission reads of a shared Namespace may change
	ForceConflicts     bool   // take fields from other managers
	CreateNamespace    bool   // make the installation's namespace when it is missing; it is not ours afterwards
	Upgrade            bool   // or a rollback: what is new out of the namespace has to be allowed
	Unverified         string // why nobody vouches for the objects: what changes out of the namespace has to be allowed as well
	Purge              bool   // delete claims, CRDs and namespaces, too, that the installation no longer has

	Formerly bool // objects may be in a version that the cluster no longer serves: they are applied in one that it does

	Returning []api.Ref // that this run has deleted: they are not new
	Fresh     []api.Ref // that this run has made: claims among them may be deleted

	After []*Plan // plans that will have been carried out: what they bring is there by then

	Next     *Next     // what is to be recorded; nil: nothing
	Recorded *Recorded // what of the objects comes out of a record; nil: nothing, and no record is to be confirmed

	// Others gives the installations of a namespace, or with a name that one, if it is
	// there: those that may share what this one has.
	Others func(ctx context.Context, namespace, name string) ([]api.Installation, error)

	Hide []string // values of overrides, to mask in all texts
}

// Past is what is recorded of an installation, as far as a plan goes by it.
type Past struct {
	Newest    int        // the newest revision; 0: there is none
	Installed []int      // the revisions that were installed, newest first
	Inventory []api.Item // what the newest of these, and those that failed after it, have made

	Made      []api.Item        // what the newest of these has made
	Manifests []json.RawMessage // what it has applied

	Digests map[string]map[int]string // of revisions, by the seal with which objects confirm them
}

// Next is what is going to be recorded of a plan, and confirmed by its objects.
type Next struct {
	Inputs string // the value of kpm.sh/inputs that stands for values and hook files
	// Seal gets the manifests that are applied and the digests of earlier revisions that
	// are confirmed, adds that of its own, and gives the whole value of kpm.sh/inputs.
	Seal func(number int, manifests []json.RawMessage, digests map[int]string) string
}

// Recorded is what of a plan rests on a record. It is not the user's word: what
// comes of it is either confirmed by live objects, or the user has to agree.
type Recorded struct {
	Used     bool              // values or hook files of the record are among what is rendered
	Values   []string          // of kpm.sh/inputs, by which live objects confirm these
	Plain    []manifest.Object // what would be applied without them
	Alone    bool              // nothing could be: all is theirs
	Accepted bool              // the user agrees to them
}
