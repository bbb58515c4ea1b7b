package render

import "time"

// Bounds on a template. What exceeds them is refused with its file and line.
const (
	MaxSource  = 1 << 20          // bytes of a template
	MaxNesting = 64               // tags, or brackets, inside each other; macros and includes too
	MaxOutput  = 16 << 20         // bytes that one template may print, also into macros and variables; bytes of one text
	MaxItems   = 100_000          // items of a range, a list or a mapping that a template makes
	MaxTime    = 10 * time.Second // for one template with all it includes

	maxSteps = 500_000  // tags run and values computed for one template with all it includes
	maxTag   = 64 << 10 // bytes of one tag
	maxWidth = 1 << 16  // a number that says how wide, long or often
	maxNodes = 200_000  // values inside a value that is kept
)
