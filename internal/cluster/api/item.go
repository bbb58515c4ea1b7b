package api

import (
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// Item is an object that an installation made. Planned says that one was to be
// made, and that nobody knows whether it was: UID is that of the one before, or
// "". Why says of one that was to be deleted why it stayed.
type Item struct {
	Ref
	UID     string `json:"uid,omitempty"`
	Planned bool   `json:"planned,omitempty"`
	Why     string `json:"why,omitempty"` // foreign text, one line
}

// Foreign says why a live object is not the one that the installation made, or
// "" when it is.
func (i Installation) Foreign(item Item, live map[string]any) string {
	switch owner := i.OwnerOf(live); {
	case owner == Theirs:
		return "it belongs to " + InstallationOf(live).String()
	case owner == Unowned:
		return "it does not carry the installation's labels"
	case item.UID != "" && item.UID == object.Text(live, "metadata", "uid"), item.Planned && i.Made(live):
		return ""
	case item.UID == "":
		return "the record does not say which object it was"
	}
	return "it is another object than the recorded one"
}
