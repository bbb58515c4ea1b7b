// Package ceremony makes the next trust document of a repository. It is drafted
// from the one before, signed by one person after another, each with a key that
// stays where it is, and published when enough of them have signed. The package is
// handed bytes; it reads no file and no clock.
//
// A draft travels as one file of readable JSON:
//
//	{"schema":"kpm.draft/v1","follows":"1@sha256:…","document":{…},"signatures":[…]}
//
// The document in it may be indented and ordered in any way: what is signed is the
// one payload that trust.Document.Encode writes of it. Whoever changes the document
// takes all signatures off. A draft is read together with the document that it
// follows, which its reader has from elsewhere: what a draft changes is told by that
// one, and not by whoever sent the draft.
//
// Changes says in a line each what a document changes, for those who sign it and for
// the clients that meet it.
package ceremony
