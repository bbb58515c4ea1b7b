package repos

import (
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
)

// newerThan is the newest release of a record, if it is newer than a version and anybody
// should be given it; else "".
func newerThan(version string, rec index.Record) string {
	if rec.Gone != "" || rec.Yanked != "" || !older(version, rec.Version) {
		return ""
	}
	return rec.Version
}

func older(a, b string) bool {
	v, err := kube.ParseVersion(a)
	w, err2 := kube.ParseVersion(b)
	return err == nil && err2 == nil && v.LessThan(w)
}
