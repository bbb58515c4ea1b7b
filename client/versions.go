package client

import "github.com/kpm-sh/kpm/internal/kube"

// older compares versions; what is none is not.
func older(a, b string) bool {
	v, err := kube.ParseVersion(a)
	w, err2 := kube.ParseVersion(b)
	return err == nil && err2 == nil && v.LessThan(w)
}
