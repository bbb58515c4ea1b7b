// Package apply does what a plan says: it applies in stages (namespaces and CRDs; RBAC,
// configuration and storage; services; workloads; the rest; webhooks), then deletes what
// the installation no longer has: custom resources, until they are gone; webhooks; CRDs,
// until they are gone; workloads and what they need; namespaces. All it waits for is
// bounded by one clock.
//
// An update carries the UID of the plan; an object planned as new has to be created by
// the request. Before each write it asks whether it still may, and after each stage it
// tells what there is, see [Steps]: the lock and the history are not its business.
package apply
