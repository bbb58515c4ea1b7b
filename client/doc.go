// Package client is what a user of Kubes does: keep repositories, update their
// catalogs, search them offline, get Kubes whose origin is proven, and install
// them.
//
// It never prints, asks, or reads the environment: what somebody has to agree to
// is a value (Question), what somebody should know is a Notice, and clock,
// network and settings are fields of Client.
//
// # Trust
//
// Nothing is used before it is verified: a head by the signers of the newest
// trust document, everything else by the digest and size that leads to it from
// the head, and an archive also by its provenance. The order of an update is
// that of docs/format.md; a trust document is stored as soon as it is verified,
// and floors are written before the catalog moves, so that no crash and no
// source can take back what was once known.
//
// # Installing
//
// Take takes a Kube from where its user named it, Render gives its manifests with
// values. Installing is the order of the steps to a cluster: resolve, dependencies,
// fetch and verify, hook, values and templates, plan, apply, wait, record. Between
// them the caller asks what has to be asked. What a Kube is installed as again is
// what the cluster remembers: version, values and what the hook wrote. That memory
// may be forged, so it never reaches beyond the namespace without being allowed to.
//
// # Several at once
//
// Readers lock nothing. Each repository has one writer at a time (the lock of
// its catalog), and so have the archives and the home (package home).
package client
