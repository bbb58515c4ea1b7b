package registry

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/kpm-sh/kpm/internal/images"
)

// Has reports whether a repository has a manifest, "manifests", or a blob, "blobs", of
// that name.
func (c *Client) Has(ctx context.Context, ref images.Ref, what, name string) (bool, error) {
	r, err := c.open(ctx, ref, "pull")
	if err != nil {
		return false, err
	}
	var there bool
	err = c.again(ctx, func() error {
		there, err = c.has(ctx, r, ref, what, name)
		return err
	})
	return there, err
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
// not. After a connection that broke it begins anew: of what a registry has half it may
// not say how much.
func (c *Client) PutBlob(ctx context.Context, ref images.Ref, d images.Descriptor, open func() (io.ReadCloser, error)) (put bool, err error) {
	r, err := c.open(ctx, ref, "push")
	if err != nil {
		return false, err
	}
	err = c.again(ctx, func() error {
		if there, err := c.has(ctx, r, ref, "blobs", d.Digest); there || err != nil {
			return err
		}
		put = true
		return c.putBlob(ctx, r, ref, d, open)
	})
	return put && err == nil, err
}

// putBlob tries once.
func (c *Client) putBlob(ctx context.Context, r repository, ref images.Ref, d images.Descriptor, open func() (io.ReadCloser, error)) error {
	got, err := c.send(ctx, r, ref, http.MethodPost, at(r, "blobs/uploads/"), nil, nil)
	if err != nil {
		return err
	}
	if got.status != http.StatusAccepted {
		return status(ref, "beginning to push", got)
	}
	to, err := got.from.Parse(got.location)
	if err != nil {
		return &refusal{Host: ref.Host, What: "beginning to push", Err: err}
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
	return err
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
	var got answer
	err = c.again(ctx, func() error {
		got, err = c.send(ctx, r, ref, http.MethodPut, at(r, "manifests/"+name), nil, body, mediaType)
		return err
	})
	if err != nil || got.status == http.StatusCreated {
		return false, err
	}
	refused = got.status == http.StatusBadRequest || got.status == http.StatusNotFound
	return refused, status(ref, "pushing "+ref.String(), got)
}

// send sends a request, and drops the body of the answer. A registry that is out of
// order, and a connection that broke, are a *busyError.
func (c *Client) send(ctx context.Context, r repository, ref images.Ref, method string, to *url.URL, fill func(*http.Request) error, body []byte, mediaType ...string) (answer, error) {
	var reader io.Reader
	if body != nil {
		reader = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, to.String(), reader)
	if err != nil {
		return answer{}, err
	}
	if len(mediaType) > 0 {
		req.Header.Set("Content-Type", mediaType[0])
	}
	if fill != nil {
		if err := fill(req); err != nil {
			return answer{}, err
		}
	}
	client := &http.Client{Transport: r.tr}
	resp, err := client.Do(req)
	if err != nil {
		if errors.As(err, new(*transport.Error)) { // of the server that gives tokens
			return answer{}, &busyError{fault(ref.Host, method, err), 0}
		}
		if asked := new(url.Error); errors.As(err, &asked) {
			err = asked.Err // the address may hold what only the registry may read
		}
		err = &refusal{Host: ref.Host, What: method, Kind: ErrUnreachable, Err: err}
		if ctx.Err() == nil && !errors.As(err, new(*tls.CertificateVerificationError)) {
			err = &busyError{err, 0}
		}
		return answer{}, err
	}
	_, _ = io.CopyN(io.Discard, resp.Body, 64<<10) //nolint:errcheck // only for the sake of the connection
	_ = resp.Body.Close()                          //nolint:errcheck // nobody reads it
	got := answer{resp.StatusCode, resp.Header.Get("Location"), resp.Request.URL}
	if errors.Is(kindOf(got.status), ErrUnreachable) {
		return got, &busyError{status(ref, method, got), retryAfter(resp.Header)}
	}
	return got, nil
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
