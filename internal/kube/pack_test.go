package kube_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/kube"
)

// TestTarIsFixed guards the bytes that published releases are compared by: a
// changed digest here would make every rebuild look like another Kube.
func TestTarIsFixed(t *testing.T) {
	const want = "947d9ca7d1f9619e9ee7f481dd35dbe14c01f4efb3c124ee82db95222715de2f"
	k := pony(t)
	k.Files = append(k.Files, kube.File{Path: "tests/" + strings.Repeat("ü", 100), Data: []byte("PAX")})
	for range 2 {
		h := sha256.New()
		if err := k.Tar(h); err != nil {
			t.Fatal(err)
		}
		if got := hex.EncodeToString(h.Sum(nil)); got != want {
			t.Errorf("sha256 of the tar is %s, want %s", got, want)
		}
		slices.Reverse(k.Files) // the order of the files does not matter
	}
}

func TestTarSum(t *testing.T) {
	k := pony(t)
	var tar bytes.Buffer
	if err := k.Tar(&tar); err != nil {
		t.Fatal(err)
	}
	if sum, err := k.TarSum(); err != nil || sum != sha256.Sum256(tar.Bytes()) {
		t.Errorf("got %x, %v; want the sum of the tar, %x", sum, err, sha256.Sum256(tar.Bytes()))
	}
}

func TestPackTwice(t *testing.T) {
	if !bytes.Equal(pack(t, pony(t)), pack(t, pony(t))) {
		t.Error("the same Kube gives other bytes")
	}
}

func TestRoundTrip(t *testing.T) {
	want := pony(t)
	for _, c := range []struct{ name, version string }{{"pony", "1.0.0+corn.1"}, {"", ""}} {
		got, err := kube.Unpack(bytes.NewReader(pack(t, want)), c.name, c.version)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("unpacked (-want +got):\n%s", diff)
		}
	}
}

func TestPackRefuses(t *testing.T) {
	add := func(f ...kube.File) func(*kube.Kube) {
		return func(k *kube.Kube) { k.Files = append(k.Files, f...) }
	}
	for want, breakIt := range map[string]func(*kube.Kube){
		"no manifest":            func(k *kube.Kube) { k.Files = k.Files[:2] },
		"K3.yaml is missing":     func(k *kube.Kube) { k.Files = k.Files[1:] },
		"that of pony":           func(k *kube.Kube) { k.Name = "horse" },
		"not of pony 2.0.0":      func(k *kube.Kube) { k.Version = version(t, "2.0.0") },
		"version is missing":     func(k *kube.Kube) { k.Version = nil },
		"name is empty":          func(k *kube.Kube) { k.Name = "" },
		"description is missing": func(k *kube.Kube) { k.Files[0].Data = []byte("name: pony\nversion: 1.0.0\n") },
		"is there twice":         add(kube.File{Path: "LICENSE"}),
		"only in case":           add(kube.File{Path: "license"}),
		"a file and a folder":    add(kube.File{Path: "LICENSE/MIT"}),
		"starts with a dot":      add(kube.File{Path: "scripts/.env"}),
		"is never packed":        add(kube.File{Path: "releases.yaml"}),
		"has .. in its path":     add(kube.File{Path: "../x"}),
		"more than 4194304":      add(kube.File{Path: "manifests/z.yaml", Data: make([]byte, kube.MaxManifest+1)}),
		"one more than the 4096 files": func(k *kube.Kube) {
			for i := range kube.MaxFiles {
				k.Files = append(k.Files, kube.File{Path: fmt.Sprintf("x/%d", i)})
			}
		},
		"more than 67108864": add(kube.File{Path: "big", Data: make([]byte, kube.MaxTotal)}),
	} {
		k := pony(t)
		breakIt(k)
		if err := k.Pack(io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
