//go:build !unix

package inputfile

// noWait is nothing where no path leads to a pipe that is waited for.
const noWait = 0
