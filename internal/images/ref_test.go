package images_test

import (
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/images"
)

const digest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// TestParse holds references to how Docker normalises them.
func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"nginx":                               "docker.io/library/nginx:latest",
		"nginx:1.30":                          "docker.io/library/nginx:1.30",
		"coreos/etcd:v3":                      "docker.io/coreos/etcd:v3",
		"docker.io/nginx":                     "docker.io/library/nginx:latest",
		"index.docker.io/library/a":           "docker.io/library/a:latest",
		"localhost/a":                         "localhost/a:latest",
		"localhost:5000/a:1":                  "localhost:5000/a:1",
		"registry/a:1":                        "docker.io/registry/a:1",
		"Registry/a:1":                        "Registry/a:1",
		"quay.io/a/b__c/d-e.f":                "quay.io/a/b__c/d-e.f:latest",
		"[::1]:5000/a":                        "[::1]:5000/a:latest",
		"[::::]:5000/a":                       "",
		"[1.2.3.4]/a":                         "",
		"nginx@" + digest:                     "docker.io/library/nginx@" + digest,
		"nginx:1@" + digest:                   "docker.io/library/nginx:1@" + digest,
		"a.example:80/b:c_D.1-2":              "a.example:80/b:c_D.1-2",
		"":                                    "",
		"Nginx":                               "",
		"quay.io/A/b":                         "",
		"a:":                                  "",
		"a:-b":                                "",
		"a:" + strings.Repeat("x", 129):       "",
		"a@sha256:abc":                        "",
		"a@md5:" + digest[7:]:                 "",
		"a b":                                 "",
		"a//b":                                "",
		"quay.io/":                            "",
		"-a.b/c":                              "",
		"https://quay.io/a":                   "",
		"quay.io/" + strings.Repeat("a", 250): "",
	} {
		got, err := images.Parse(text)
		switch {
		case want == "" && err == nil:
			t.Errorf("%q was read as %s", text, got)
		case want != "" && (err != nil || got.String() != want):
			t.Errorf("%q is %s, want %s (%v)", text, got, want, err)
		}
	}
}

// TestUnder follows DESIGN section 9: HOST/PATH:TAG becomes REGISTRY/PREFIX/HOST/PATH@sha256:….
func TestUnder(t *testing.T) {
	for _, c := range []struct{ ref, digest, want string }{
		{"nginx:1.30", digest, "reg.corp:5000/mirror/docker.io/library/nginx@" + digest},
		{"nginx:1.30", "", "reg.corp:5000/mirror/docker.io/library/nginx:1.30"},
		{"a.example:8443/b:2", "", "reg.corp:5000/mirror/a.example_8443/b:2"},
		{"Registry/b:2", "", "reg.corp:5000/mirror/registry/b:2"},
		{"[::1]:5000/b:2", "", "reg.corp:5000/mirror/0000-0000-0000-0000-0000-0000-0000-0001_5000/b:2"},
		{"[FD00::A]/b:2", digest, "reg.corp:5000/mirror/fd00-0000-0000-0000-0000-0000-0000-000a/b@" + digest},
		{"quay.io/" + strings.Repeat("a", 240), "", ""},
	} {
		ref, err := images.Parse(c.ref)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ref.Under("reg.corp:5000/mirror", c.digest)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s is %q (%v), want %q", c.ref, got, err, c.want)
		}
		if err != nil && !strings.Contains(err.Error(), c.ref) {
			t.Errorf("the error does not name the reference: %v", err)
		}
	}
}

func TestParseMirror(t *testing.T) {
	for text, good := range map[string]bool{
		"reg.corp": true, "reg.corp:5000/a/b": true, "localhost/a": true, "127.0.0.1:5000": true,
		"": false, "reg": false, "a/b": false, "reg.corp/A": false, "https://reg.corp": false, "reg.corp/a:tag": false,
	} {
		if _, _, err := images.ParseMirror(text); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"nginx", "a.b:1/c:d@" + digest, "localhost/a", "[::1]:5000/x:1", "[fe80::]/x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ref, err := images.Parse(text)
		if err != nil {
			return
		}
		if again, err := images.Parse(ref.String()); err != nil || again != ref {
			t.Errorf("%q is %s, which is %s (%v)", text, ref, again, err)
		}
		below, err := ref.Under("m.corp/p", ref.Digest)
		if _, bad := images.Parse(below); err == nil && bad != nil {
			t.Errorf("%q is called %q in a mirror: %v", text, below, bad)
		}
	})
}
