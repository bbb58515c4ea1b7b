package registry

import (
	"bytes"
	"context"
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
	resp, err := c.send(ctx, r, ref, http.MethodHead, at(r, what+"/"+name), nil, nil)
	if err != nil {
		return false, err
	}
	switch resp.StatusCode {
	case http.StatusOK:
		return true, nil
	case http.StatusNotFound:
		return false, nil
	}
	return false, status(ref, "asking for "+name, resp)
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
	resp, err := c.send(ctx, r, ref, http.MethodPost, at(r, "blobs/uploads/"), nil, nil)
	if err != nil {
		return false, err
	}
	if resp.StatusCode != http.StatusAccepted {
		return false, status(ref, "beginning to push", resp)
	}
	to, err := resp.Request.URL.Parse(resp.Header.Get("Location"))
	if err != nil {
		return false, &refusal{Host: ref.Host, What: "beginning to push", Err: err}
	}
	query := to.Query()
	query.Set("digest", d.Digest)
	to.RawQuery = query.Encode()
	resp, err = c.send(ctx, r, ref, http.MethodPut, to, func(req *http.Request) error {
		body, err := open()
		req.Body, req.ContentLength = body, d.Size
		req.Header.Set("Content-Type", "application/octet-stream")
		return err
	}, nil)
	if err == nil && resp.StatusCode != http.StatusCreated {
		err = status(ref, "pushing blob "+d.Digest, resp)
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
	resp, err := c.send(ctx, r, ref, http.MethodPut, at(r, "manifests/"+name), nil, body, mediaType)
	if err != nil || resp.StatusCode == http.StatusCreated {
		return false, err
	}
	refused = resp.StatusCode == http.StatusBadRequest || resp.StatusCode == http.StatusNotFound
	return refused, status(ref, "pushing "+ref.String(), resp)
}

// send sends a request, again where the registry is out of order, and drops the body of
// the answer.
func (c *Client) send(ctx context.Context, r repository, ref images.Ref, method string, to *url.URL, fill func(*http.Request) error, body []byte, mediaType ...string) (resp *http.Response, err error) {
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
		if resp, err = client.Do(req); err != nil {
			return &refusal{Host: ref.Host, What: method, Kind: ErrUnreachable, Err: err}
		}
		_, _ = io.CopyN(io.Discard, resp.Body, 64<<10) //nolint:errcheck // only for the sake of the connection
		_ = resp.Body.Close()                          //nolint:errcheck // nobody reads it
		if kindOf(resp.StatusCode) == ErrUnreachable {
			after, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
			return &busyError{status(ref, method, resp), time.Duration(after) * time.Second}
		}
		return nil
	})
	return resp, err
}

func status(ref images.Ref, what string, resp *http.Response) error {
	return &refusal{Host: ref.Host, What: what, Kind: kindOf(resp.StatusCode), Err: fmt.Errorf("the registry answers %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))}
}
