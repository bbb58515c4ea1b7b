// Package images is the container images that objects name: how a reference is
// written, where references stand in an object, and what they become when they
// are rewritten.
//
// # References
//
// They are read as Docker reads them (github.com/distribution/reference,
// normalize.go): a first part with a dot, a colon or a capital letter, and
// "localhost", is a host; without one it is docker.io, where a single name lies
// below library/; without tag and digest the tag is latest. Digests are sha256.
//
// # Places
//
// A Container place runs: the image of a container of any sort, or the reference
// of an image volume, wherever in an object there is a pod's specification, in
// custom resources too. A Named place is a text that K3.yaml names in `images`,
// as a whole or after an `=`: in environment variables, commands and arguments of
// containers, and in custom resources. A Possible place is a text there that has
// the form of a reference, with a host, and that nobody named; nothing is
// rewritten there.
//
// The package is pure: it asks no registry.
package images
