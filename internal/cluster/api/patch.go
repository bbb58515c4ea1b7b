package api

import (
	"context"
	"maps"
	"net/http"
	"net/url"

	"k8s.io/apimachinery/pkg/types"

	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// Patch is one server-side apply.
type Patch struct {
	Resource Resource
	Ref      Ref
	Value    map[string]any
	Manager  string
	UID      string // of the object that it must be, or ""
	Force    bool
	DryRun   bool
	Whole    bool // the answer is to be the object, not its metadata alone
}

// ServerSideApply sends p. The answer is the object as it is afterwards; created tells that
// it was not there.
func (c *Client) ServerSideApply(ctx context.Context, p Patch) (after map[string]any, created bool, err error) {
	query := url.Values{"fieldManager": {p.Manager}, "fieldValidation": {"Strict"}}
	if p.Force {
		query.Set("force", "true")
	}
	if p.DryRun {
		query.Set("dryRun", "All")
	}
	accept := metadataOnly
	if p.Whole {
		accept = ""
	}
	a, err := c.Do(ctx, Request{
		Method: http.MethodPatch, Path: p.Resource.Path(p.Ref.Namespace, p.Ref.Name),
		Query: query, ContentType: string(types.ApplyYAMLPatchType), accept: accept, Body: withUID(p.Value, p.UID),
	})
	if err != nil {
		return nil, false, err
	}
	after, err = a.Object()
	return after, err == nil && a.status == http.StatusCreated, err
}

// withUID is value for the object with the uid, and no other.
func withUID(value map[string]any, uid string) map[string]any {
	if uid == "" {
		return value
	}
	v := map[string]any{}
	maps.Copy(v, value)
	meta := map[string]any{"uid": uid}
	maps.Copy(meta, object.Map(value, "metadata"))
	v["metadata"] = meta
	return v
}
