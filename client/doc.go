// Package client is the life of an installation. What there is to install comes from
// package repos, what its user edits from package workcopy, and which releases satisfy
// what a Kube needs from package solve.
//
// It never prints, asks, or reads the environment: what somebody has to agree to
// is a value (Question), what somebody should know is a Notice, and clock,
// network and settings are fields of Client.
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
package client
