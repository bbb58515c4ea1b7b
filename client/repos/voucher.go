package repos

import (
	"fmt"

	"github.com/kpm-sh/kpm/internal/kube"
)

// Voucher is who answers for a release, and by what that is known.
type Voucher struct {
	Repository string    // as it calls itself in what it signs
	Signer     string    // of the provenance; "" where the policy asks for none
	Commit     string    // that the archive was made from, as its provenance says; may be ""
	Checks     []Finding // what was checked, in order; the last one failed if there is an error
}

func (v *Voucher) passed(subject, format string, args ...any) {
	v.Checks = append(v.Checks, Finding{Subject: subject, OK: true, Text: kube.Clean(fmt.Sprintf(format, args...), false)})
}

// failed notes why what is checked next is not to be used, and gives err.
func (v *Voucher) failed(subject string, err error) error {
	v.Checks = append(v.Checks, fault(subject, err))
	return err
}
