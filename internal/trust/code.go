package trust

// Code names a kind of refusal. Codes are stable: scripts may rely on them.
type Code string

// The codes. The package makes most of them itself; Digest, Size, Unlisted and
// Revoked are mostly made by those who fetch and install.
const (
	Rollback     Code = "ROLLBACK"      // older than what was accepted before
	Frozen       Code = "FROZEN"        // the head expired
	Signature    Code = "SIGNATURE"     // too few valid signatures
	WrongSigner  Code = "WRONG_SIGNER"  // validly signed, by somebody who may not
	Digest       Code = "DIGEST"        // other bytes than the signed digest says
	Size         Code = "SIZE"          // more or fewer bytes than signed
	Equivocation Code = "EQUIVOCATION"  // two heads of one number
	TrustChain   Code = "TRUST_CHAIN"   // a trust document that does not follow
	TrustPin     Code = "TRUST_PIN"     // not what was pinned
	TrustExpired Code = "TRUST_EXPIRED" // the newest trust document expired
	Missing      Code = "MISSING"       // something signed is not there (yet)
	Format       Code = "FORMAT"        // signed, but not of the format
	Clock        Code = "CLOCK"         // issued in the future
	Unlisted     Code = "UNLISTED"      // not in the signed index
	Revoked      Code = "REVOKED"       // taken back by its publisher
)

// why and next are the second and third part of an Error that brings none.
func (c Code) advice() (why, next string) {
	switch c {
	case Rollback:
		return "an older index hides new releases and revocations",
			"use another source; if the repository was set back on purpose, its owner must raise the epoch"
	case Frozen:
		return "a source that stands still hides new releases and revocations",
			"run kpm update; if this stays, the repository's owner must publish again"
	case Signature:
		return "without the signatures these bytes may come from anybody",
			"use another source; if this stays, tell the repository's owner"
	case WrongSigner:
		return "only the signers that the trust document names for this role speak for the repository",
			"the repository's owner must sign with the right key or publish a new trust document"
	case Digest, Size:
		return "these are not the bytes that were published",
			"try again or use another source; if this stays, tell the repository's owner"
	case Equivocation:
		return "somebody shows one index to some people and another one to others, or two publishers run at once",
			"ask the repository's owner; the next publish ends an accident"
	case TrustChain:
		return "only the holders of the trust keys may say who signs for the repository",
			"use another source; if this stays, tell the repository's owner"
	case TrustPin:
		return "this is not the repository that was added",
			"if its owner started anew, get the new pin from him, then kpm repo remove and kpm repo add"
	case TrustExpired:
		return "that a key was withdrawn reaches you at the latest when the trust document expires",
			"run kpm update; if this stays, the repository's owner must publish the next trust document"
	case Missing:
		return "the copy is incomplete, or in the middle of an update",
			"run kpm update in a few minutes, or use another source"
	case Format:
		return "what two programs could read differently is not read at all",
			"use a newer kpm; if this stays, tell the repository's owner"
	case Clock:
		return "with a wrong clock nothing can be told to be out of date",
			"set the clock of this machine"
	case Unlisted:
		return "only what the signed index lists was published",
			"run kpm update, then kpm search"
	case Revoked:
		return "its publisher took it back",
			"choose another version"
	}
	return "it cannot be trusted", "tell the repository's owner"
}
