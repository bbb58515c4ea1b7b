//go:build !unix

package history

// running does not know, and takes the process for alive.
func running(int) bool { return true }
