package registry_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/images"
	"github.com/kpm-sh/kpm/internal/images/registry"
	"github.com/kpm-sh/kpm/internal/index"
)

// answers is a registry that is no further away than a function call, so that its time can
// be one that only pauses make pass.
type answers func(r *http.Request) *http.Response

func (a answers) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body) //nolint:errcheck // of a test
	}
	resp := a(r)
	resp.Request, resp.Proto, resp.ProtoMajor, resp.ProtoMinor = r, "HTTP/1.1", 1, 1
	return resp, nil
}

func reply(status int, body string, header ...string) *http.Response {
	h := http.Header{}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body))}
}

const small = `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}`

// TestRetryAfter: the pause that a registry asks for is kept, up to ten seconds, whatever
// it was asked; one that asks for more is not asked again.
func TestRetryAfter(t *testing.T) {
	ref := images.Ref{Host: "registry.example", Path: "a", Tag: "1"}
	digest := "sha256:" + string(index.DigestOf([]byte(small)))
	for name, do := range map[string]func(ctx context.Context, c *registry.Client) error{
		"greeting": func(ctx context.Context, c *registry.Client) error {
			_, _, err := c.Manifest(ctx, ref)
			return err
		},
		"manifest": func(ctx context.Context, c *registry.Client) error {
			_, _, err := c.Manifest(ctx, ref)
			return err
		},
		"there": func(ctx context.Context, c *registry.Client) error {
			there, err := c.Has(ctx, ref, "manifests", "1")
			if err == nil && !there {
				err = errors.New("it is not there")
			}
			return err
		},
		"push manifest": func(ctx context.Context, c *registry.Client) error {
			_, err := c.PutManifest(ctx, ref, "application/vnd.oci.image.index.v1+json", []byte(small))
			return err
		},
		"push blob": func(ctx context.Context, c *registry.Client) error {
			put, err := c.PutBlob(ctx, ref, images.Descriptor{Digest: digest, Size: int64(len(small))}, func() (io.ReadCloser, error) {
				return io.NopCloser(strings.NewReader(small)), nil
			})
			if err == nil && !put {
				err = errors.New("it was not sent")
			}
			return err
		},
	} {
		for after, want := range map[string]time.Duration{"1": time.Second, "10": 10 * time.Second, "11": -1, "3600": -1} {
			t.Run(name+" "+after, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					busy := true
					c := registry.New(registry.Options{Keychain: authn.NewMultiKeychain(), Fetch: fetch.Options{Pause: time.Millisecond, Transport: answers(func(r *http.Request) *http.Response {
						greeting := r.URL.Path == "/v2/"
						if busy && greeting == (name == "greeting") && (name != "push blob" || r.Method == http.MethodPut) {
							busy = false
							return reply(http.StatusTooManyRequests, "", "Retry-After", after)
						}
						switch r.Method {
						case http.MethodPost:
							return reply(http.StatusAccepted, "", "Location", "/v2/a/blobs/uploads/1")
						case http.MethodPut:
							return reply(http.StatusCreated, "")
						case http.MethodHead:
							if name == "push blob" {
								return reply(http.StatusNotFound, "")
							}
						}
						return reply(http.StatusOK, small, "Content-Type", "application/vnd.oci.image.index.v1+json")
					})}})
					began := time.Now()
					err := do(t.Context(), c)
					switch took := time.Since(began); {
					case busy:
						t.Error("it was never told to wait")
					case want < 0 && (!errors.Is(err, registry.ErrUnreachable) || took != 0):
						t.Errorf("after %v: %v", took, err)
					case want > 0 && (err != nil || took != want):
						t.Errorf("it waited %v, want %v: %v", took, want, err)
					}
				})
			})
		}
	}
}
