package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utiljson "k8s.io/apimachinery/pkg/util/json"
)

const (
	maxAnswer = 256 << 20 // of one answer; a LIST of a large cluster's pods is below
	maxTries  = 5         // while the server says that it is busy
	maxPause  = 5 * time.Second
)

// Request is one request to the API server. body is sent as JSON.
type Request struct {
	Method      string
	Path        string
	Query       url.Values
	accept      string
	ContentType string
	Body        any
}

type answer struct {
	status int
	header http.Header
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

// Do sends r, and again after a pause when the server says that it did not take
// it (429, or 503 with Retry-After). Nothing is sent twice that the server may
// have done already. Errors have a class of this package, or are ctx's.
func (c *Client) Do(ctx context.Context, r Request) (answer, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = json.Marshal(r.Body); err != nil {
			return answer{}, err
		}
	}
	for try := 1; ; try++ {
		a, err := once(ctx, c, r, body)
		if err != nil {
			return a, err
		}
		pause, busy := retryAfter(a)
		if !busy || try == maxTries {
			return a, failure(r, a)
		}
		if err := pauseFor(ctx, min(pause, maxPause)); err != nil {
			return a, err
		}
	}
}

func once(ctx context.Context, c *Client, r Request, body []byte) (answer, error) {
	resp, err := c.transport.send(ctx, r, body)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }() //nolint:errcheck // it was read
	c.warnings.add(resp.Header)
	var text bytes.Buffer
	if _, err := text.ReadFrom(io.LimitReader(resp.Body, maxAnswer+1)); err != nil {
		return answer{}, c.transport.unreachable(ctx, err)
	}
	if text.Len() > maxAnswer {
		return answer{}, Fault(fmt.Sprintf("the answer of %s is larger than %d MiB", c.Host, maxAnswer>>20), ErrRefused)
	}
	return answer{resp.StatusCode, resp.Header, text.Bytes()}, nil
}

func retryAfter(a answer) (time.Duration, bool) {
	if a.status != http.StatusTooManyRequests && a.status != http.StatusServiceUnavailable {
		return 0, false
	}
	seconds, err := strconv.Atoi(a.header.Get("Retry-After"))
	return time.Duration(seconds) * time.Second, err == nil
}

// failure is the error that an answer stands for, nil below 300.
func failure(r Request, a answer) error {
	if a.status < http.StatusMultipleChoices {
		return nil
	}
	var status metav1.Status
	if json.Unmarshal(a.Body, &status) == nil && status.Kind == "Status" && status.Message != "" {
		status.Code = int32(a.status)
		return classify(&apierrors.StatusError{ErrStatus: status})
	}
	text := strings.TrimSpace(string(a.Body[:min(len(a.Body), 200)]))
	return classify(apierrors.NewGenericServerResponse(a.status, r.Method, schema.GroupResource{Resource: r.Path}, "", text, 0, true))
}

// pauseFor waits for d or for the end of ctx.
func pauseFor(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Parallel is how many requests are under way at once.
const Parallel = 6

// Warnings returns what the server warned of since the last call, as in
// "policy/v1beta1 PodSecurityPolicy is deprecated". It is foreign text.
func (c *Client) Warnings() []string { return c.warnings.take() }
