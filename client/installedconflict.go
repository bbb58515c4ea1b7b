package client

import (
	"context"
	"fmt"
	"strings"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
	"github.com/kpm-sh/kpm/internal/errcode"
)

// installedConflict says that what is installed stands in the way, or, where that is on its way
// out, what of it is still there.
func installedConflict(ctx context.Context, t *target, format string, args ...any) error {
	newest := t.state.Revisions[0]
	if newest.Action != "uninstall" || newest.Status != history.Failed {
		return t.conflict(format, args...)
	}
	refs := make([]api.Ref, len(t.state.Inventory))
	for i, item := range t.state.Inventory {
		refs[i] = item.Ref
	}
	found, err := ready.Readiness(ctx, t.cluster, refs)
	if err != nil {
		return err
	}
	e := &uninstallingError{Installation: t.ID, Version: newest.Version}
	for _, w := range found {
		if !w.Gone {
			e.There = append(e.There, w)
		}
	}
	return e
}

// uninstallingError says that an uninstall has begun and not ended.
type uninstallingError struct {
	Installation api.Installation
	Version      string
	There        []ready.Waiting // what is still there, ready or not
}

func (e *uninstallingError) Error() string {
	lines := []string{fmt.Sprintf("the uninstall of %s %s from namespace %s has not ended", e.Installation.Name, e.Version, e.Installation.Namespace)}
	for _, w := range e.There {
		line := w.String() + ": it is still there"
		if w.Why != "" {
			line = w.String() + ": " + w.Why
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// ErrorCode is UNINSTALLING.
func (e *uninstallingError) ErrorCode() errcode.Code { return errcode.Uninstalling }

// ErrorFacts name the installation.
func (e *uninstallingError) ErrorFacts() errcode.Facts { return installation(e.Installation) }
