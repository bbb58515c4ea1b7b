// Package history keeps the revisions of installations, and with them the lock.
//
// A [Revision] is a Secret of type kpm.sh/installation in the installation's
// namespace: its labels and annotations say what a list shows, and its data is the
// [Record], in gzip'd JSON of the schema kpm.installation/v1, split over more Secrets
// where it is large. The names kpm.NAME.vN are kpm's whatever lies there.
//
// The pending revision is the lock, see [Store.Begin]. It names its holder, who touches
// it; who waits takes it over when its holder is dead or silent, and the holder stops
// before its next write.
//
// All that is read is untrusted: whoever may write Secrets in a namespace can forge a
// revision. It is decoded strictly and within limits, and what it says counts when the
// objects in the cluster confirm it.
package history
