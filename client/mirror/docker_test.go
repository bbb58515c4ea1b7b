package mirror_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/kpm-sh/kpm/client/mirror"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/images/registry"
	"github.com/kpm-sh/kpm/internal/images/registrytest"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/sitetest"
)

// keychain knows one user.
type keychain struct{ authn.AuthConfig }

func (k keychain) Resolve(authn.Resource) (authn.Authenticator, error) {
	return authn.FromConfig(k.AuthConfig), nil
}

// TestDockerRegistry: Debian's docker-registry with TLS, a password and tokens: images
// are mirrored from it and pushed into it; it refuses an index with gaps.
func TestDockerRegistry(t *testing.T) {
	for _, auth := range []string{"basic", "token"} {
		t.Run(auth, func(t *testing.T) {
			near, far := registrytest.NewDocker(t, auth), registrytest.NewDocker(t, auth)
			user := authn.AuthConfig{Username: registrytest.User, Password: registrytest.Password}
			as := []remote.Option{remote.WithTransport(near.Transport()), remote.WithAuth(authn.FromConfig(user))}
			k := newKit(t)
			list := registrytest.Push(t, near.Host+"/app/list:1", registrytest.Index(t, 1), as...)
			web := sitetest.Release("web", "1.0.0")
			web.Change = func(r *index.Release) { r.Images = []index.Image{{Ref: near.Host + "/app/list:1", Digest: list}} }
			k.site.Publish(web)

			run := func(user authn.AuthConfig, platforms ...string) error {
				o := k.options()
				o.Images, o.Platforms = registry.New(registry.Options{Fetch: fetch.Options{Roots: near.Roots, Pause: time.Millisecond}, Keychain: keychain{user}}), platforms
				_, err := mirror.Run(t.Context(), o)
				return err
			}
			if err := run(authn.AuthConfig{Username: registrytest.User, Password: "wrong"}); !errors.Is(err, registry.ErrUnauthorized) || !strings.Contains(err.Error(), near.Host) {
				t.Errorf("with another password: %v", err)
			}
			if err := run(user, "linux/amd64"); err != nil {
				t.Fatal(err)
			}
			k.verify()
			push := func(platform string) *mirror.Pushed {
				c := registry.New(registry.Options{Fetch: fetch.Options{Roots: far.Roots, Pause: time.Millisecond}, Keychain: keychain{user}})
				res, err := mirror.Push(t.Context(), k.dir, far.Host+"/m", platform, c, func(string) {})
				if err != nil {
					t.Fatal(err)
				}
				return res
			}
			if res := push(""); len(res.Refused) != 1 || res.Blobs != 3 {
				t.Errorf("with one platform: %+v", res)
			}
			if res := push("linux/amd64"); len(res.Refused) != 0 || len(res.Pinned) != 1 {
				t.Errorf("with that platform in its place: %+v", res)
			}
			if err := run(user); err != nil {
				t.Fatal(err)
			}
			k.verify()
			if res := push(""); len(res.Refused) != 0 || res.Blobs != 15 {
				t.Errorf("with all platforms: %+v", res)
			}
			if res := push(""); res.Blobs != 0 {
				t.Errorf("what was there was sent again: %+v", res)
			}
		})
	}
}
