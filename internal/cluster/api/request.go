package api

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"

	"k8s.io/apimachinery/pkg/runtime"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/client-go/rest"
)

// Request is one request to the API server. Body is sent as JSON.
type Request struct {
	Method      string
	Path        string
	Query       url.Values
	accept      string
	ContentType string
	Body        any
}

type answer struct {
	result rest.Result
	status int
	Body   []byte
}

// Object is the answer as an object, whole numbers as int64.
func (a answer) Object() (map[string]any, error) {
	var m map[string]any
	if err := utiljson.Unmarshal(a.Body, &m); err != nil {
		return nil, fmt.Errorf("reading the server's answer: %w", err)
	}
	return m, nil
}

// into reads the answer as the type of an object.
func (a answer) into(o runtime.Object) error {
	if err := a.result.Into(o); err != nil {
		return fmt.Errorf("reading the server's answer: %w", err)
	}
	return nil
}

// Do sends r, and again after a pause when the server says that it did not take it
// (429, or 503 with Retry-After), or has broken off the connection of a GET. Nothing is
// sent twice that the server may have done already. Errors have a class of this
// package, or are ctx's.
func (c *Client) Do(ctx context.Context, r Request) (answer, error) {
	request := c.server.request(r.Method, r.Path, r.Query).SetHeader("Accept", cmp.Or(r.accept, runtime.ContentTypeJSON))
	if r.Body != nil {
		body, err := json.Marshal(r.Body)
		if err != nil {
			return answer{}, err
		}
		request.SetHeader("Content-Type", cmp.Or(r.ContentType, runtime.ContentTypeJSON)).Body(body)
	}
	a := answer{result: request.Do(ctx)}
	a.Body, _ = a.result.StatusCode(&a.status).Raw() //nolint:errcheck // Error says more
	return a, c.server.failure(ctx, a.result.Error(), a.status)
}

// Parallel is how many requests are under way at once.
const Parallel = 6

// Warnings returns what the server warned of since the last call, as in
// "policy/v1beta1 PodSecurityPolicy is deprecated". It is foreign text.
func (c *Client) Warnings() []string { return c.warnings.drain() }
