package client

import (
	"fmt"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/kube"
)

func usage(format string, args ...any) error {
	return &repos.UsageError{Err: fmt.Errorf(format, args...)}
}

func older(a, b string) bool {
	v, err := kube.ParseVersion(a)
	w, err2 := kube.ParseVersion(b)
	return err == nil && err2 == nil && v.LessThan(w)
}
