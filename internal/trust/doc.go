// Package trust knows whose signature counts for a repository, and which
// verified statement is the newest. It is handed bytes and the time; it fetches
// nothing and reads no clock.
//
// # Trust documents
//
// A trust document says who may sign what: it names signers and gives four roles
// to them. Role trust signs trust documents, role index signs heads, role
// provenance signs where archives come from, role tests signs test evidence. A
// role is met when its threshold of distinct signers signed; the same key under
// two names is one signer.
//
// Documents form a chain 1, 2, 3 …. A client is pinned to one of them by number
// and payload digest (Open) and walks up (OpenNext): n+1 must be signed as n's
// trust role asks and as its own does, be for the same repository, and have the
// next number and no lower epoch. An expired n still proves n+1; expiry counts
// for the newest one alone (CheckExpiry).
//
// Who was given a bare key instead of a pin has a document of version 0
// (KeyDocument): that key holds every role, nothing expires, no chain follows.
// Repository, root and epoch are then those of the first head that was accepted.
//
// # Heads
//
// Signatures come first: VerifyHead reads no byte of a head before its index role
// is met, but for one thing. If it is not met, the number of the trust document
// that the head claims tells whether a newer document is missing (MISSING) or the
// signature is bad (SIGNATURE, WRONG_SIGNER). Then repository, root, trust and
// epoch must be those of the document.
//
// A Floor remembers the newest head that was accepted: a head below it is a
// ROLLBACK, another one of the same number an EQUIVOCATION. A higher epoch, which
// only a new trust document can give, drops the floor's number and time.
//
// A head expires at its own date, at most 35 days after it was issued, whatever it
// says; --grace moves that, within what the trust document allows. The time never
// runs back behind the floor. A head issued more than a day ahead means that a
// clock is wrong.
//
// # Errors
//
// Every refusal is an *Error with a stable Code.
package trust
