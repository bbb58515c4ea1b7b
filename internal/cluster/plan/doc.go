// Package plan says what an operation will do to a cluster, object by object, before it
// does it. It asks the server for a dry run of every object and compares with what is
// live; it writes nothing, and a [Plan] never changes once it is made. Marshalled it has
// no value of a Secret.
//
// # Ownership
//
// Every applied object carries the labels kpm.sh/installation and
// kpm.sh/namespace, the id of its installation. Server-side apply reports no
// conflict for fields that are new on somebody else's object, so ownership is
// read from the live object before anything is applied: an object of another
// installation is never touched, one that nobody owns only when it was named for
// adoption. Each installation has a field manager of its own (see
// [api.Installation.Manager]): two installations that make one object at the same
// moment conflict on the labels, and the server refuses the second.
//
// # What is deleted
//
// What is recorded of an installation is no reason to delete anything: whoever may write
// Secrets in its namespace can forge it. A live object goes only if it carries the
// installation's labels and the recorded UID, or, where a run was killed that was about to
// make it, if the installation's field manager has made it; a plan says that of each.
//
// # What is recorded
//
// Values and hook files that come out of a record are not the user's word, see [Recorded].
// Live objects confirm them by the annotation kpm.sh/inputs, see [Proof].
package plan
