package indexer

import "sync"

// Report is told how far long work is: done of total in a stage ("checking",
// "packing", "writing"). Calls come one at a time. A nil Report hears nothing.
type Report func(stage string, done, total int)

// stage gives a function that counts one more item as done.
func (r Report) stage(name string, total int) func() {
	var mu sync.Mutex
	n := 0
	return func() {
		mu.Lock()
		defer mu.Unlock()
		n++
		if r != nil {
			r(name, n, total)
		}
	}
}
