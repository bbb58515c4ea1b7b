// Package api is what kpm asks a Kubernetes API server, and the words that all of it
// shares: references, kinds, installations, errors.
//
// A [Client] maps kinds, reads, lists, watches, applies and deletes objects. It knows
// nothing of plans or revisions, and it alone speaks to the server. Discovery is its
// own: that of client-go links 20 MiB of types that kpm has no use for.
//
// Every applied object carries the labels kpm.sh/installation and kpm.sh/namespace, the
// id of its [Installation]. Each installation has a field manager of its own: two that
// make one object at the same moment conflict on the labels, and the server refuses the
// second.
package api
