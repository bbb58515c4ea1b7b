package api

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	builtin "github.com/kpm-sh/kpm/internal/kinds"
)

// kinds are all kinds of a server. A subresource, as in "deployments/scale", is
// none.
type kinds struct {
	byKind map[string]Resource // by apiVersion and kind
	stale  []string
}

func newKinds() *kinds { return &kinds{byKind: map[string]Resource{}} }

func (k *kinds) add(d discovery) {
	for _, r := range d.resources {
		key := r.APIVersion() + " " + r.Kind
		if _, taken := k.byKind[key]; !taken && !strings.Contains(r.Plural, "/") {
			k.byKind[key] = r
		}
	}
	k.stale = append(k.stale, d.stale...)
}

// Resource maps a kind. The error is ErrNotFound when the server has none such,
// and names the versions that it has, or what took the place of one that
// Kubernetes has removed.
func (c *Client) Resource(ctx context.Context, apiVersion, kind string) (Resource, error) {
	all, err := c.AllKinds(ctx)
	if err != nil {
		return Resource{}, err
	}
	if r, ok := all.byKind[apiVersion+" "+kind]; ok {
		return r, nil
	}
	return Resource{}, Fault(all.unknown(apiVersion, kind), ErrNotFound)
}

// Served maps a kind in its version, or in another one that the server has: an
// object is the same in all versions of its group.
func (c *Client) Served(ctx context.Context, ref Ref) (Resource, error) {
	all, err := c.AllKinds(ctx)
	if err != nil {
		return Resource{}, err
	}
	if r, ok := all.byKind[ref.APIVersion+" "+ref.Kind]; ok {
		return r, nil
	}
	var found []Resource
	for _, r := range all.byKind {
		if r.Group == ref.Group() && r.Kind == ref.Kind {
			found = append(found, r)
		}
	}
	text := all.unknown(ref.APIVersion, ref.Kind)
	switch {
	case len(found) > 0:
		return slices.MinFunc(found, func(a, b Resource) int { return strings.Compare(a.Version, b.Version) }), nil
	case all.silent(ref.Group()):
		return Resource{}, Fault(text, ErrUnreachable, ErrSilent)
	}
	return Resource{}, Fault(text, ErrNotFound)
}

// inVersions does something with objects of a kind, in its version, or, as long as the
// server cannot convert them to that, in the others that it serves. The error is the
// first one.
func (c *Client) inVersions(ctx context.Context, r Resource, do func(Resource) error) error {
	err := do(r)
	if !Unconverted(err) {
		return err
	}
	all, unknown := c.AllKinds(ctx)
	if unknown != nil {
		return err
	}
	for _, other := range all.byKind {
		if other.Group != r.Group || other.Plural != r.Plural || other.Version == r.Version {
			continue
		}
		if now := do(other); !Unconverted(now) {
			return now
		}
	}
	return err
}

// silent tells whether the server behind a group does not answer.
func (k *kinds) silent(group string) bool {
	return slices.ContainsFunc(k.stale, func(v string) bool { g, _ := SplitVersion(v); return g == group })
}

func (k *kinds) unknown(apiVersion, kind string) string {
	text := fmt.Sprintf("the cluster has no kind %s in %s", kind, apiVersion)
	if slices.Contains(k.stale, apiVersion) {
		return text + ": the server behind that API does not answer"
	}
	if r, ok := builtin.Removed(apiVersion, kind); ok {
		return text + ": " + r.String()
	}
	group, _ := SplitVersion(apiVersion)
	var have []string
	for _, r := range k.byKind {
		if r.Kind == kind && r.Group == group {
			have = append(have, r.APIVersion())
		}
	}
	if len(have) > 0 {
		slices.Sort(have)
		text += ", but in " + strings.Join(have, ", ")
	}
	return text
}

// AllKinds are the kinds of the server; it is asked once, and again after Reset.
func (c *Client) AllKinds(ctx context.Context) (*kinds, error) {
	c.mu.Lock()
	all := c.kinds
	c.mu.Unlock()
	if all != nil {
		return all, nil
	}
	all, err := discover(ctx, c)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kinds = all
	return all, nil
}

// Has tells whether there are kinds of an API.
func (k *kinds) Has(apiVersion string) bool {
	for _, r := range k.byKind {
		if JoinVersion(r.Group, r.Version) == apiVersion {
			return true
		}
	}
	return false
}

// Reset forgets the kinds: CRDs came or went.
func (c *Client) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kinds = nil
}

// Unknown tells whether nobody knows the kind before a server of the plan answers for it.
func (r Resource) Unknown() bool { return r.Plural == "" }

// Path is where an object of the kind lies, or with name "" all of them. Both
// names have been checked with [isSegment].
func (r Resource) Path(namespace, name string) string {
	var b strings.Builder
	if r.Group == "" {
		b.WriteString("/api/")
	} else {
		b.WriteString("/apis/" + r.Group + "/")
	}
	b.WriteString(r.Version)
	if r.Namespaced && namespace != "" {
		b.WriteString("/namespaces/" + namespace)
	}
	b.WriteString("/" + r.Plural)
	if name != "" {
		b.WriteString("/" + name)
	}
	return b.String()
}

// JoinVersion is the apiVersion of a group and a version.
func JoinVersion(group, version string) string {
	if group == "" {
		return version
	}
	return group + "/" + version
}

// SplitVersion is the group, "" for the core one, and the version of an apiVersion.
func SplitVersion(apiVersion string) (group, version string) {
	if group, version, ok := strings.Cut(apiVersion, "/"); ok {
		return group, version
	}
	return "", apiVersion
}

// APIVersion is that of the objects of the kind.
func (r Resource) APIVersion() string { return JoinVersion(r.Group, r.Version) }

// Listable are the kinds that can be listed, each in one version.
func (c *Client) Listable(ctx context.Context) ([]Resource, error) {
	all, err := c.AllKinds(ctx)
	if err != nil {
		return nil, err
	}
	var found []Resource
	for _, r := range all.byKind {
		if slices.Contains(r.Verbs, "list") {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b Resource) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Version, b.Version))
	})
	return slices.CompactFunc(found, func(a, b Resource) bool { return a.Group == b.Group && a.Kind == b.Kind }), nil
}
