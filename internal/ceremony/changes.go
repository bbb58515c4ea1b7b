package ceremony

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/signing"
)

var roles = []trust.RoleName{trust.TrustRole, trust.IndexRole, trust.ProvenanceRole, trust.TestsRole}

// Changes says what a trust document changes of the one before it, a line each: who
// came, who went, who may do more or less, thresholds, dates.
func Changes(from, to *trust.Document) []string {
	lines := signerChanges(from, to)
	for _, role := range roles {
		if was, is := from.Role(role).Threshold, to.Role(role).Threshold; was != is {
			lines = append(lines, fmt.Sprintf("role %s asks for %d of %d signatures, not %d", role, is, len(to.Role(role).Signers), was))
		}
	}
	if from.Epoch != to.Epoch {
		lines = append(lines, fmt.Sprintf("epoch %d, not %d: after a compromise, everything is synced anew", to.Epoch, from.Epoch))
	}
	if !from.Expires.Equal(to.Expires.Time) {
		form := time.DateOnly
		if from.Expires.Format(form) == to.Expires.Format(form) {
			form = time.RFC3339
		}
		lines = append(lines, fmt.Sprintf("expires %s, not %s", to.Expires.Format(form), from.Expires.Format(form)))
	}
	if from.MaxGraceDays != to.MaxGraceDays {
		lines = append(lines, fmt.Sprintf("up to %d days of grace, not %d", to.MaxGraceDays, from.MaxGraceDays))
	}
	for _, name := range slices.Sorted(maps.Keys(union(from.Sigstore, to.Sigstore))) {
		if from.Sigstore[name] != to.Sigstore[name] {
			lines = append(lines, fmt.Sprintf("sigstore instance %s: trusted root %.12s, not %.12s", name, orNone(to.Sigstore[name].TrustedRoot.SHA256), orNone(from.Sigstore[name].TrustedRoot.SHA256)))
		}
	}
	return lines
}

func orNone(d index.Digest) index.Digest { return cmp.Or(d, "none") }

func union[T any](a, b map[string]T) map[string]T {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]T{}
	}
	maps.Copy(all, b)
	return all
}

// signerChanges goes by who somebody is, not by name.
func signerChanges(from, to *trust.Document) []string {
	var came, went, other []string
	old, now := byIdentity(from), byIdentity(to)
	for _, name := range slices.Sorted(maps.Keys(to.Signers)) {
		id := to.Signers[name].Identity()
		is := rolesOf(to, name)
		was, known := old[id]
		switch {
		case !known:
			came = append(came, fmt.Sprintf("came: %s (%s), %s", name, is, id))
		case was != name:
			other = append(other, fmt.Sprintf("%s is called %s now", was, name))
		}
		if known && rolesOf(from, was) != is {
			other = append(other, fmt.Sprintf("%s has other roles: %s, not %s", name, is, rolesOf(from, was)))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(from.Signers)) {
		if id := from.Signers[name].Identity(); now[id] == "" {
			went = append(went, fmt.Sprintf("went: %s (%s), %s", name, rolesOf(from, name), id))
		}
	}
	return slices.Concat(came, went, other)
}

func byIdentity(d *trust.Document) map[signing.Identity]string {
	all := map[signing.Identity]string{}
	for _, name := range slices.Sorted(maps.Keys(d.Signers)) {
		all[d.Signers[name].Identity()] = name
	}
	return all
}

// rolesOf are the roles of a signer, "no role" for none.
func rolesOf(d *trust.Document, name string) string {
	var held []string
	for _, role := range roles {
		if slices.Contains(d.Role(role).Signers, name) {
			held = append(held, string(role))
		}
	}
	if held == nil {
		return "no role"
	}
	return strings.Join(held, ", ")
}
