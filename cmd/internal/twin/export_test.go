package twin

import (
	"bytes"
	"testing"
)

// Hasten gives a template 2 seconds in Python for the rest of a test.
func Hasten(t *testing.T) {
	t.Helper()
	whole := twinProgram
	t.Cleanup(func() { twinProgram = whole })
	if twinProgram = bytes.Replace(whole, []byte("ONE, ALL = 10, 45"), []byte("ONE, ALL = 2, 45"), 1); bytes.Equal(twinProgram, whole) {
		t.Fatal("the limits are written otherwise")
	}
}
