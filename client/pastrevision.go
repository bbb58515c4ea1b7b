package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/manifest"
	"github.com/kpm-sh/kpm/internal/trust"
)

// recordedOnly is what a plan says that nobody vouches for.
const recordedOnly = "from the cluster record, not verified"

// pastRevision is a revision to go back to.
type pastRevision struct {
	number     int
	record     *history.Record
	unverified string // why it cannot be rendered again from a verified archive; "" when it can
}

// unverified is an error as the reason for which a record has to do. For a release that
// must not be used it stays one.
func unverified(ctx context.Context, err error) (string, error) {
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case errors.Is(err, repos.ErrRefused) || trust.CodeOf(err) == trust.Revoked:
		return "", err
	}
	return kube.Clean(firstOf(err).Error(), false), nil
}

// fromRecord reports whether the record is applied as it is, which nobody vouches for.
func (b *pastRevision) fromRecord() bool { return b != nil && b.unverified != "" }

// unverifiedReason says why nobody vouches for what is applied; "" when somebody does.
func (b *pastRevision) unverifiedReason() string {
	if !b.fromRecord() {
		return ""
	}
	return recordedOnly + ": " + b.unverified
}

// but is the same with a reason for which its record has to do.
func (b *pastRevision) but(unverified string) *pastRevision {
	return &pastRevision{b.number, b.record, unverified}
}

// objects are those of the record. A Secret of another namespace is recorded
// without its values, so it cannot be made from there.
func (b *pastRevision) objects(id api.Installation) ([]manifest.Object, error) {
	var all []manifest.Object
	var empty []string
	for i, raw := range b.record.Manifests {
		objects, problems := manifest.Decode(fmt.Sprintf("revision-%d/%d.json", b.number, i+1), raw)
		if err := problems.Err(); err != nil {
			return nil, fmt.Errorf("reading revision %d of %s: %w", b.number, id, err)
		}
		for j, o := range objects {
			objects[j].Path = "" // no file of the user's
			if o.APIVersion == "v1" && o.Kind == "Secret" && o.Namespace != id.Namespace {
				empty = append(empty, o.String())
			}
		}
		all = append(all, objects...)
	}
	if len(empty) > 0 {
		return nil, &unrecordedError{id, b.record.Version, empty, b.unverified}
	}
	return all, nil
}

// unrecordedError says that a record does not hold what is needed to go back.
type unrecordedError struct {
	Installation api.Installation
	Version      string
	Objects      []string // Secrets without their values
	Reason       string   // why the release cannot be rendered again
}

func (e *unrecordedError) Error() string {
	return fmt.Sprintf("%s is not in namespace %s, so the record of %s has no values of it; and it cannot be rendered again: %s",
		strings.Join(e.Objects, ", "), e.Installation.Namespace, e.Installation.Name, e.Reason)
}

// ErrorCode is NO_VALUES.
func (e *unrecordedError) ErrorCode() errcode.Code { return errcode.NoValues }

// ErrorFacts name the installation and the version that it had.
func (e *unrecordedError) ErrorFacts() errcode.Facts {
	facts := installation(e.Installation)
	facts["version"] = e.Version
	return facts
}

// newRecord is the record of the revision as that of a new one. Of who vouched then it says
// nothing.
func (b *pastRevision) newRecord() history.Record {
	r := history.Record{
		Schema: history.Schema, Action: string(rollback), To: b.number, Version: b.record.Version, Dependencies: b.record.Dependencies,
		Repository: b.record.Repository, Digest: b.record.Digest, Edited: b.record.Edited,
		Overrides: b.record.Overrides, HookDigest: b.record.HookDigest, HookValues: b.record.HookValues, HookFiles: b.record.HookFiles,
		Derived: b.record.Derived,
	}
	if r.Overrides == nil {
		r.Overrides = json.RawMessage("{}")
	}
	return r
}
