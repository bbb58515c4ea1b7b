// Package cluster plans what an installation does to a Kubernetes cluster, does
// it and records it.
//
// # Ownership
//
// Every applied object carries the labels kpm.sh/installation and
// kpm.sh/namespace, the id of its installation. Server-side apply reports no
// conflict for fields that are new on somebody else's object, so ownership is
// read from the live object before anything is applied: an object of another
// installation is never touched, one that nobody owns only when it was named for
// adoption. Each installation has a field manager of its own (see
// [Installation.Manager]): two installations that make one object at the same
// moment conflict on the labels, and the server refuses the second.
//
// # Plan, apply
//
// [Cluster.Plan] asks the server for a dry run of every object and returns what
// would change, and all that would be refused, as plain data without values of
// Secrets. [Cluster.Begin] writes the pending record, which is the lock.
// [Session.Apply] applies in stages (namespaces and CRDs; RBAC, configuration
// and storage; services; workloads; the rest; webhooks), then deletes what the
// installation no longer has: custom resources, until they are gone; webhooks; CRDs,
// until they are gone; workloads and what they need; namespaces. All it waits for is
// bounded by one clock, [Session.Patience]. An update carries the UID of the plan; an
// object planned as new has to be created by the request. Package ready waits for
// objects.
//
// # Records
//
// A [Record] is a Secret of type kpm.sh/installation for each revision, in the
// installation's namespace. Records are untrusted: whoever may write Secrets
// there can forge one. They are decoded strictly and within limits, and a live
// object is deleted only if it carries the installation's labels and the
// recorded UID, or, where a run was killed that was about to make it, if the
// installation's field manager has made it.
//
// Package api alone speaks to the server, and package object reads the fields of
// objects.
package cluster
