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
// The life of an installation is a chain of values. Each is made by the one before, and
// none is half filled:
//
//	Source    what is wanted, what is there, and where the Kube comes from
//	Fetched   the Kube, verified where somebody vouches, and the user's values
//	Prepared  with what its hook gave, now or before
//	Planned   what the cluster says would happen, and what is going to be recorded
//	Applied   what was done
//
// Every operation is a way along it. What has to be agreed to is a Question of the link
// that it is about; the caller asks, and goes on to the next:
//
//	install   Install  (Yanked? Unmet?) Fetch (Hook? Run | Prepare) Plan ? (Unfit?) Apply
//	upgrade   Upgrade  the same
//	rollback  Rollback the same; no hook runs
//	diff      Diff     Fetch (Hook? Run | Prepare) Compare
//	preview   Preview  (Hook? Run | Prepare) Rendered
//	undo      Undo     of an Applied: Rollback Fetch Prepare Plan Apply, or what was made is removed
//	several   WithDependencies gives Sources in their order; PlanAll; then each: Again Apply
//
// A test is of what is installed: Test finds it where it came from, or refuses what
// would not give, once Prepared, what was applied.
//
// What a Kube is installed as again is what the cluster has recorded: version, values
// and what the hook wrote. Records may be forged, so they never reach beyond the
// namespace without being allowed to.
//
// # Several at once
//
// Readers lock nothing. Each repository has one writer at a time (the lock of
// its catalog), and so have the archives and the home (package home).
package client
