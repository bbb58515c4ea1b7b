// Package lazyregexp keeps the patterns of a program from being compiled before one
// of them is asked: each command starts with all of them, and few match any.
package lazyregexp

import (
	"regexp"
	"sync"
)

// New promises a pattern, in the syntax of [regexp/syntax]. It is compiled at the first
// call, which panics where it is none; calls may run side by side.
func New(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}
