// Package repos is the repositories of a home: published sites, what is known of
// each, and what can be had from them.
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
// # Once a command
//
// A Set opens each repository once. What a Repository is asked for is read, and
// verified, when it is first needed, and kept: its chain of trust documents, its
// catalog, its head. Whether these have expired is asked of the clock each time. An
// update begins with a Repository of its own, under the lock, and drops the one of
// before.
//
// Readers lock nothing. Each repository has one writer at a time (the lock of its
// catalog), and so have the archives.
package repos
