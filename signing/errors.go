package signing

import (
	"errors"
	"fmt"
)

// ErrSignature is what content without enough valid signatures is refused with.
var ErrSignature = errors.New("signature not valid")

// ThresholdError says that too few signers of a policy signed. For keys it
// cannot tell a wrong signature from the signature of somebody else: both fit no
// key. It is an ErrSignature.
type ThresholdError struct {
	Signers []Identity // those who did sign
	Want    int        // distinct signers
	Causes  []error    // why each other bundle did not count
}

// Error says how many signed, and why the first bundle that did not count did not.
func (e *ThresholdError) Error() string {
	text := fmt.Sprintf("%d of %d signatures", len(e.Signers), e.Want)
	if len(e.Causes) > 0 {
		text += ": " + e.Causes[0].Error()
	}
	return text
}

// Unwrap gives ErrSignature and the causes.
func (e *ThresholdError) Unwrap() []error {
	return append([]error{ErrSignature}, e.Causes...)
}
