package plan

import "github.com/kpm-sh/kpm/internal/cluster/api"

// Action is what a plan does to an object.
type Action string

// The actions. Kept are objects that the installation no longer names, or
// should leave, and that stay; Entry.Reason says why.
const (
	Added     Action = "added"
	Changed   Action = "changed"
	Unchanged Action = "unchanged"
	Replaced  Action = "replaced" // deleted and made again: a field cannot be changed
	Removed   Action = "removed"
	Kept      Action = "kept"
	GivenUp   Action = "given up" // it stays, without what the installation has set of it
)

// Entry is what a plan does to one object.
type Entry struct {
	api.Ref
	Action   Action   `json:"action"`
	Source   string   `json:"source,omitempty"` // where it is written, as in "manifests/web.yaml:12"
	UID      string   `json:"uid,omitempty"`    // of the live object; "" for one that is not the installation's
	Offline  bool     `json:"checkedOfflineOnly,omitempty"`
	Adopted  bool     `json:"adopted,omitempty"`
	Shared   bool     `json:"shared,omitempty"`   // it is there already, and does not become the installation's
	Managers []string `json:"managers,omitempty"` // who manages the object that is adopted
	Reason   string   `json:"reason,omitempty"`
	Leaving  bool     `json:"leaving,omitempty"` // of one that is removed or replaced: it is being deleted already; Reason says what holds it
	Changes  []Change `json:"changes,omitempty"`
	Recorded bool     `json:"fromCluster,omitempty"` // it comes of what a record says and no live object confirms
	Stays    []string `json:"stays,omitempty"`       // fields of an adopted object that are not the installation's, as in "kubectl-edit: .data.b"

	// What follows is for whoever applies the plan.
	Guarded    bool   `json:"-"` // a webhook of the same plan stands before it and does not answer
	Unused     bool   `json:"-"` // nobody but the installation, which never came to be, has put anything into it
	Unconvert  bool   `json:"-"` // a CRD that stays, and whose webhook goes
	Unlabelled bool   `json:"-"` // it is to carry our labels, as a claim that a StatefulSet made, or that it stays
	With       string `json:"-"` // of a Secret that stays: the claim that it was made with
	Claim      bool   `json:"-"` // nothing changes but which fields are ours
	Unsealed   bool   `json:"-"` // it does not carry what confirms the next revision
	Ended      bool   `json:"-"` // it was there, and has ended
}

// Applies tells whether the object is there afterwards.
func (e Entry) Applies() bool {
	return e.Action != Removed && e.Action != Kept && e.Action != GivenUp
}

// Note is something to know about an object before one agrees.
type Note struct {
	api.Ref
	Text string `json:"text"`
	Wide bool   `json:"clusterWide,omitempty"` // of permissions: they hold in all namespaces

	Stays  bool   `json:"stays,omitempty"`  // of claims and CRDs: nothing happens to them
	Others string `json:"others,omitempty"` // of CRDs: how many objects are not the installation's, and which
}

// Found is a claim that is there before anything of the installation is, and that its
// pods are going to mount.
type Found struct {
	api.Ref           // of the claim
	By      api.Ref   `json:"by"`                // whose pods mount it
	Other   []api.Ref `json:"changed,omitempty"` // Secrets of these pods that are there and will say something else
	New     []api.Ref `json:"new,omitempty"`     // Secrets of these pods that are not there
}
