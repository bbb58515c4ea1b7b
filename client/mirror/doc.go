// Package mirror copies a published repository, or a part of it, into a folder, from
// which it can be served and used as from its origin.
//
// Every signed file is copied byte for byte, and only after it was verified: trust
// documents by the chain, the head by them, everything else by the digest that leads
// to it. All comes from one head, which is written last: a publisher at work changes
// nothing of it, as what a head leads to never changes. Where something is gone in
// between, the newest head is asked for and the copy begins again from that. A head
// below the one that the folder or the home has is refused.
//
// What is in the folder already is not fetched again: an object by its name, an
// archive by its size, a page by the list of pages of the head before; Verify hashes
// everything. Of images, blobs that none needs any more are removed. mirror.json says
// what was mirrored, and, while it is not whole, that a run was cut short: the next run
// then looks at everything.
package mirror
