package api

import (
	"math"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

// Polling are the pauses between two looks at what is waited for: first, and then half
// as long again each time, up to longest.
func Polling(first, longest time.Duration) wait.DelayFunc {
	return wait.Backoff{Duration: first, Factor: 1.5, Cap: longest, Steps: math.MaxInt}.DelayFunc()
}
