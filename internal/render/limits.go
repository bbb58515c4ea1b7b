package render

import (
	"time"

	"github.com/kpm-sh/kpm/internal/kube"
)

// Bounds on a template. What exceeds them is refused with its file and line. What a
// template gives is a manifest, and is bounded like one: kube.MaxManifest a file,
// kube.MaxTotal all manifests of a Kube.
const (
	MaxSource  = 1 << 20  // bytes of a template; of a file of values
	MaxNesting = 64       // tags, or brackets, inside each other; macros and includes too
	MaxOutput  = 16 << 20 // bytes that one template may print, also into macros and variables; bytes of one text
	MaxItems   = 100_000  // items of a range, a list or a mapping that a template makes

	maxWidth  = 1 << 16 // a number that says how wide, long or often
	maxNodes  = 200_000 // values inside a value that is written as YAML
	maxInside = 5_000   // expressions inside each other, over all macros and includes
)

// Bounds on all templates of a Kube together, and on all that WithBudget renders.
const (
	MaxTime = 10 * time.Second

	maxSteps   = 2_000_000         // tags run and values computed
	maxPrinted = 2 * kube.MaxTotal // bytes printed, also into macros and variables
)
