package index

// Caps that hold whatever a head says. A client refuses what exceeds them.
const (
	MaxHead        = 1 << 20   // bytes of v1/index.json as stored
	MaxTrust       = 256 << 10 // bytes of a trust document as stored
	MaxPart        = 5 << 20   // bytes of a segment part, stored and raw
	MaxParts       = 4096      // parts in one head
	MaxLine        = 32 << 10  // bytes of one record line
	MaxDetails     = 4 << 10   // bytes of `details` in a record
	MaxReadme      = 256 << 10 // bytes of `readme` in a document
	MaxDocument    = 1 << 20   // bytes of a document as stored
	MaxDocumentRaw = 8 << 20   // bytes of a document unpacked
	MaxBundle      = 64 << 10  // bytes of one Sigstore bundle
	MaxSignatures  = 16        // bundles in one envelope

	// targetPart is the raw size at which a segment starts its next part.
	targetPart = 4 << 20
)
