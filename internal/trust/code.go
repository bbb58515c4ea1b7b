package trust

import "github.com/kpm-sh/kpm/internal/errcode"

// Code names a kind of refusal. Codes are stable: scripts may rely on them.
type Code = errcode.Code

// The codes. The package makes most of them itself; Digest, Size, Unlisted and
// Revoked are mostly made by those who fetch and install.
const (
	Rollback     Code = "ROLLBACK"      // older than what was accepted before
	Frozen       Code = "FROZEN"        // the head expired
	Signature    Code = "SIGNATURE"     // too few valid signatures
	WrongSigner  Code = "WRONG_SIGNER"  // validly signed, by somebody who may not
	Unchecked    Code = "UNCHECKED"     // neither validly nor invalidly signed: no root to check it by
	Digest       Code = "DIGEST"        // other bytes than the signed digest says
	Size         Code = "SIZE"          // more or fewer bytes than signed
	Equivocation Code = "EQUIVOCATION"  // two heads of one number
	TrustChain   Code = "TRUST_CHAIN"   // a trust document that does not follow
	TrustPin     Code = "TRUST_PIN"     // not what was pinned
	TrustExpired Code = "TRUST_EXPIRED" // the newest trust document expired
	Missing      Code = "MISSING"       // something signed is not there (yet)
	Unmirrored   Code = "UNMIRRORED"    // left out of a mirror on purpose
	Format       Code = "FORMAT"        // signed, but not of the format
	Clock        Code = "CLOCK"         // issued in the future
	Unlisted     Code = "UNLISTED"      // not in the signed index
	Revoked      Code = "REVOKED"       // taken back by its publisher
)
