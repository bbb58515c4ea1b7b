package api

import (
	"context"
	"encoding/json"
	"net/http"
)

// May asks whether the user may do something with an object, or with any of its kind
// where it has no name. A server that does not tell says nothing against it.
func May(ctx context.Context, c *Client, verb string, to Resource, ref Ref) bool {
	a, err := c.Do(ctx, Request{
		Method: http.MethodPost, Path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
		Body: map[string]any{
			"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
			"spec": map[string]any{"resourceAttributes": map[string]any{
				"namespace": ref.Namespace, "verb": verb, "group": to.Group, "version": to.Version, "resource": to.Plural, "name": ref.Name,
			}},
		},
	})
	var review struct {
		Status struct {
			Allowed bool `json:"allowed"`
		} `json:"status"`
	}
	return err != nil || json.Unmarshal(a.Body, &review) != nil || review.Status.Allowed
}
