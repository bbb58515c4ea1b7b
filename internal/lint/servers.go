package lint

import (
	"fmt"

	"github.com/kpm-sh/kpm/internal/kinds"
	"github.com/kpm-sh/kpm/internal/kube"
)

// servers are the versions of the server that a Kube is for, of those that are known.
type servers struct {
	kinds.Minors
	older bool // it is for none of them
}

// serversOf reads what K3.yaml says of them.
func serversOf(k *kube.Kube) servers {
	known := kinds.Known()
	s := servers{Minors: kinds.Minors{First: known.Last + 1}}
	for minor := known.First; minor <= known.Last; minor++ {
		if admits(k.Kubernetes, minor) {
			s.First, s.Last = min(s.First, minor), minor
		}
	}
	if s.Last == 0 {
		return servers{Minors: known, older: true}
	}
	return s
}

// admits tells whether some patch of a minor is in a range.
func admits(r kube.Range, minor int) bool {
	for _, patch := range []int{0, 5, 99} {
		if ok, err := r.AdmitsServer(fmt.Sprintf("1.%d.%d", minor, patch)); ok || err != nil {
			return true
		}
	}
	return false
}
