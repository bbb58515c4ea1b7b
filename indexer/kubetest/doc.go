// Package kubetest proves Kubes in a cluster: it drives kpm, the program that
// users have, through the life of an installation, and says what came of it.
//
// A Kube is installed into a namespace that nobody else uses, after what it needs,
// until everything is ready; installed again, which must change nothing; its own
// tests are run; it is uninstalled, and nothing may be left behind. Then the release
// that was published before it is installed, and upgraded to it.
//
// Kubes run side by side, but those that have objects of the whole cluster run one
// at a time, after all others: they would get in each other's way, and what they
// leave behind is found by comparing the cluster before and after.
//
// A Verdict is about the Kube. That the cluster could not be asked, or that the
// caller gave up, is none.
//
// The package asks no cluster and starts no program itself. What runs kpm is given.
package kubetest
