package api

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/kpm-sh/kpm/internal/cluster/object"
	"github.com/kpm-sh/kpm/internal/lazyregexp"
)

// The labels that every applied object carries.
const (
	LabelInstallation = "kpm.sh/installation"
	LabelNamespace    = "kpm.sh/namespace"
)

// LabelTest marks the Jobs and Pods of a test, which are the installation's and in
// none of its records.
const LabelTest = "kpm.sh/test"

// NamespaceManager is the field manager of a namespace that is made for an installation:
// it belongs to none, as others may live there, too.
const NamespaceManager = "kpm"

// AnnotationLeft is that of a claim, a definition or a namespace that stays although
// nothing wants it any more: its UID. One that was copied or restored has another.
const AnnotationLeft = "kpm.sh/left"

// The types of the Secrets that hold an installation's history.
const (
	RecordType = "kpm.sh/installation"      // of one that stands for a revision
	PartType   = "kpm.sh/installation-part" // of those that hold the rest of a large one
)

// Installation is a Kube applied to a namespace.
type Installation struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
}

// String names the installation for people.
func (i Installation) String() string { return i.Name + " in namespace " + i.Namespace }

// DNSLabel is a name of a namespace (RFC 1123).
var DNSLabel = lazyregexp.New(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// Check refuses what can be neither a namespace nor the name of a Kube, with
// ErrName.
func (i Installation) Check() error {
	if !DNSLabel().MatchString(i.Namespace) {
		return Fault(fmt.Sprintf("%q is no name of a namespace", i.Namespace), ErrName)
	}
	if !DNSLabel().MatchString(i.Name) {
		return Fault(fmt.Sprintf("%q is no name of an installation", i.Name), ErrName)
	}
	return nil
}

// Selector chooses what carries the installation's labels.
func (i Installation) Selector() string {
	return LabelInstallation + "=" + i.Name + "," + LabelNamespace + "=" + i.Namespace
}

// maxManager is what the API server takes as the name of a field manager.
const maxManager = 128

// Manager is the name of the installation's field manager, as in
// "kpm:web/nginx". It is not the same for all installations: an apply by the
// manager that has an object's fields replaces them without a conflict, so of
// two installations that make one object at the same moment the second would
// undo the first, and giving its fields up would take them from both.
func (i Installation) Manager() string {
	name := "kpm:" + i.Namespace + "/" + i.Name
	if len(name) > maxManager {
		sum := sha256.Sum256([]byte(name))
		name = "kpm:" + hex.EncodeToString(sum[:])
	}
	return name
}

// owner is what the labels of a live object say.
type owner int

// Whose an object is.
const (
	Unowned owner = iota
	Ours
	Theirs // another installation's
)

// OwnerOf says by the labels of a live object whose it is.
func (i Installation) OwnerOf(live map[string]any) owner {
	labels := object.Map(live, "metadata", "labels")
	name, ok := labels[LabelInstallation].(string)
	switch {
	case !ok:
		return Unowned
	case name == i.Name && object.Text(labels, LabelNamespace) == i.Namespace:
		return Ours
	}
	return Theirs
}

// Made tells whether the installation made a live object: its manager has applied
// it no later than it came to be. An object that somebody else made has an earlier
// time of creation, and one that was copied has another manager. The server writes
// both times; who can change them may write the object.
func (i Installation) Made(live map[string]any) bool {
	created := object.Text(live, "metadata", "creationTimestamp")
	for _, m := range object.List(live, "metadata", "managedFields") {
		if object.Text(m, "manager") == i.Manager() && object.Text(m, "operation") == "Apply" {
			return object.Text(m, "time") != "" && object.Text(m, "time") <= created
		}
	}
	return false
}

// InstallationOf names the installation that the labels of live name.
func InstallationOf(live map[string]any) Installation {
	labels := object.Map(live, "metadata", "labels")
	return Installation{Namespace: object.Text(labels, LabelNamespace), Name: object.Text(labels, LabelInstallation)}
}
