package registry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/kpm-sh/kpm/internal/images"
)

// Has reports whether a repository has a manifest, "manifests", or a blob, "blobs", of
// that name.
func (c *Client) Has(ctx context.Context, ref images.Ref, what, name string) (bool, error) {
	r, err := c.open(ctx, ref, "pull")
	if err != nil {
		return false, err
	}
	return c.has(ctx, r, ref, what, name)
}

func (c *Client) has(ctx context.Context, r repository, ref images.Ref, what, name string) (bool, error) {
	got, err := c.send(ctx, r, ref, http.MethodHead, at(r, what+"/"+name), nil, nil)
	if err != nil {
		return false, err
	}
	switch got.status {
	case http.StatusOK:
		return true, nil
	case http.StatusNotFound:
		return false, nil
	}
	return false, status(ref, "asking for "+name, got)
}

// at is the address of something below a repository.
func at(r repository, path string) *url.URL {
	u := r.base
	u.Path += "/" + path
	return &u
}

// PutBlob puts a blob into a repository, unless it is there; put reports whether it was
// not.
func (c *Client) PutBlob(ctx context.Context, ref images.Ref, d images.Descriptor, open func() (io.ReadCloser, error)) (put bool, err error) {
	r, err := c.open(ctx, ref, "push")
	if err != nil {
		return false, err
	}
	if there, err := c.has(ctx, r, ref, "blobs", d.Digest); there || err != nil {
		return false, err
	}
	got, err := c.send(ctx, r, ref, http.MethodPost, at(r, "blobs/uploads/"), nil, nil)
	if err != nil {
		return false, err
	}
	if got.status != http.StatusAccepted {
		return false, status(ref, "beginning to push", got)
	}
	to, err := got.from.Parse(got.location)
	if err != nil {
		return false, &refusal{Host: ref.Host, What: "beginning to push", Err: err}
	}
	query := to.Query()
	query.Set("digest", d.Digest)
	to.RawQuery = query.Encode()
	got, err = c.send(ctx, r, ref, http.MethodPut, to, func(req *http.Request) error {
		body, err := open()
		req.Body, req.ContentLength = body, d.Size
		req.Header.Set("Content-Type", "application/octet-stream")
		return err
	}, nil)
	if err == nil && got.status != http.StatusCreated {
		err = status(ref, "pushing blob "+d.Digest, got)
	}
	return err == nil, err
}

// PutManifest puts a manifest under a tag or its digest. A registry that wants to have
// all that it names refuses one with gaps: then refused is true.
func (c *Client) PutManifest(ctx context.Context, ref images.Ref, mediaType string, body []byte) (refused bool, err error) {
	r, err := c.open(ctx, ref, "push")
	if err != nil {
		return false, err
	}
	name := ref.Tag
	if name == "" {
		name = ref.Digest
	}
	got, err := c.send(ctx, r, ref, http.MethodPut, at(r, "manifests/"+name), nil, body, mediaType)
	if err != nil || got.status == http.StatusCreated {
		return false, err
	}
	refused = got.status == http.StatusBadRequest || got.status == http.StatusNotFound
	return refused, status(ref, "pushing "+ref.String(), got)
}

// send sends a request, again where the registry is out of order, and drops the body of
// the answer.
func (c *Client) send(ctx context.Context, r repository, ref images.Ref, method string, to *url.URL, fill func(*http.Request) error, body []byte, mediaType ...string) (got answer, err error) {
	client := &http.Client{Transport: r.tr}
	err = c.again(ctx, func() error {
		var reader io.Reader
		if body != nil {
			reader = bytes.NewReader(body)
		}
		req, err := http.NewRequestWithContext(ctx, method, to.String(), reader)
		if err != nil {
			return err
		}
		if len(mediaType) > 0 {
			req.Header.Set("Content-Type", mediaType[0])
		}
		if fill != nil {
			if err := fill(req); err != nil {
				return err
			}
		}
		resp, err := client.Do(req)
		if err != nil {
			return &refusal{Host: ref.Host, What: method, Kind: ErrUnreachable, Err: err}
		}
		_, _ = io.CopyN(io.Discard, resp.Body, 64<<10) //nolint:errcheck // only for the sake of the connection
		_ = resp.Body.Close()                          //nolint:errcheck // nobody reads it
		got = answer{resp.StatusCode, resp.Header.Get("Location"), resp.Request.URL}
		if errors.Is(kindOf(got.status), ErrUnreachable) {
			after, _ := strconv.Atoi(resp.Header.Get("Retry-After")) //nolint:errcheck // a date is no pause that we keep
			return &busyError{status(ref, method, got), time.Duration(after) * time.Second}
		}
		return nil
	})
	return got, err
}

// answer is what a registry answers, but for its body.
type answer struct {
	status   int
	location string
	from     *url.URL
}

func status(ref images.Ref, what string, got answer) error {
	return &refusal{Host: ref.Host, What: what, Kind: kindOf(got.status), Err: fmt.Errorf("the registry answers %d %s", got.status, http.StatusText(got.status))}
}
