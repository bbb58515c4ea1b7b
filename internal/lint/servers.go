package lint

import (
	"fmt"

	"github.com/kpm-sh/kpm/internal/kinds"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/yamlnode"
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

// unserved refuses a range of servers that no version is in.
func unserved(k *kube.Kube) kube.Problems {
	for minor := range 100 {
		for patch := range 100 {
			if ok, err := k.Kubernetes.AdmitsServer(fmt.Sprintf("1.%d.%d", minor, patch)); ok || err != nil {
				return nil
			}
		}
	}
	data, _ := k.File(kube.MetaPath)
	text := fmt.Sprintf("kubernetes is %q, and no version is in that", k.Kubernetes.String())
	return kube.Problems{{Path: kube.MetaPath, Line: yamlnode.Line(data, "kubernetes"), Message: text, Rule: "format"}}
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
