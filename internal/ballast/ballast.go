// Package ballast keeps the garbage collector away while a program starts.
//
// The libraries of kpm make some 6 MiB of tables before main begins, and the
// collector would look at them twice, which is a tenth of what a short command
// costs. It runs when the heap is twice as large as what it left, so one large
// block makes it wait. Nothing is ever written to the block: it takes addresses, and
// no memory. The package imports nothing; so it is initialized before those that
// make the tables.
//
// A program imports it, and calls [Drop] when it has started.
package ballast

const size = 16 << 20

var block = make([]byte, size)

// Drop lets the block go.
func Drop() { block = nil }
