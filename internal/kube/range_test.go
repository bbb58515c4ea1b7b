package kube_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/kube"
)

func TestRangeAdmits(t *testing.T) {
	// in and out list versions that may and may not be chosen; installed lists
	// those of out that nevertheless satisfy the range where they are there.
	for _, c := range []struct{ rng, in, out, installed string }{
		{"1.9 < x <= 1.10", "1.9.1 1.9.5 1.10.0 1.10.0+b", "1.9.0 1.10.1 1.10.3 1.8.0 1.10.0-rc.1", "1.10.0-rc.1"},
		{"1.9<x<=1.10", "1.9.5 1.10.0", "1.9.0 1.10.3", ""},
		{"1.10 >= X > 1.9", "1.9.5 1.10.0", "1.9.0 1.10.3", ""},
		{"1 <= x < 2", "1.0.0 1.99.0", "0.9.9 2.0.0 2.0.0-rc.1", "2.0.0-rc.1"},
		{"1.2.3 <= x <= 1.2.3", "1.2.3", "1.2.2 1.2.4", ""},
		{"x >= 1.2", "1.2.0 9.0.0", "1.1.9 1.2.0-rc.1 2.0.0-rc.1", "2.0.0-rc.1"},
		{"1.9 < x", "1.9.1 2.0.0", "1.9.0", ""},
		{"x < 2", "1.9.9", "2.0.0 2.0.0-rc.1", "2.0.0-rc.1"},
		{"x = 1.2", "1.2.0", "1.2.1", ""},
		{"x == 1.2.3", "1.2.3", "1.2.4", ""},
		{"x < 1.2 || x > 1.4", "1.1.0 1.4.1", "1.2.0 1.3.0 1.4.0", ""},
		{"x < 1.2 || ^2", "1.1.0 2.5.0", "1.2.0 3.0.0", ""},
		{"2.0.0-rc.1 <= x", "2.0.0-rc.1 2.0.0-rc.2 2.0.0 2.1.0", "2.0.0-beta 2.1.0-rc.1", "2.1.0-rc.1"},
		{"^1.2", "1.2.0 1.9.9", "1.1.0 2.0.0 1.3.0-rc.1 1.2.0-rc.1 2.0.0-rc.1", "1.3.0-rc.1"},
		{"^0.2.3", "0.2.3 0.2.9", "0.3.0", ""},
		{"~1.9", "1.9.0 1.9.9", "1.10.0", ""},
		{">=1.9, <2", "1.9.0 1.99.0", "2.0.0 2.0.0-rc.1", "2.0.0-rc.1"},
		{">=1.9 <2", "1.9.0", "2.0.0", ""},
		{"<= 1.10", "1.10.0 1.10.3", "1.11.0", ""},
		{"1.2 - 1.4", "1.2.0 1.4.9", "1.1.0 1.5.0", ""},
		{"1.x", "1.0.0 1.5.0", "2.0.0", ""},
		{"1.x <1.5", "1.4.0", "1.5.0 2.0.0", ""},
		{"*", "0.0.1 7.0.0", "7.0.0-a", "7.0.0-a"},
		{"x", "0.0.1", "7.0.0-a", "7.0.0-a"},
		{"1.2.3", "1.2.3", "1.2.4", ""},
		{">=2.0.0-rc.1 <3", "2.0.0-rc.1 2.0.0-rc.2 2.9.0", "2.1.0-rc.1 3.0.0-rc.1", "2.1.0-rc.1 3.0.0-rc.1"},
		{">=1.2-beta", "1.2.0-beta 1.2.0-gamma 1.2.0", "1.2.0-alpha 1.3.0-beta", "1.3.0-beta"},
		{"^1 || 3.0.0-rc.1", "1.0.0 3.0.0-rc.1", "1.0.1-rc.1 3.0.0", "1.0.1-rc.1"},
		{"", "0.0.1 7.0.0", "7.0.0-a", "7.0.0-a"},
	} {
		r, err := kube.ParseRange(c.rng)
		if err != nil {
			t.Errorf("ParseRange: %v", err)
			continue
		}
		if r.String() != c.rng {
			t.Errorf("String() = %q, want %q", r, c.rng)
		}
		for v := range strings.FieldsSeq(c.in) {
			if !r.Admits(version(t, v)) || !r.AdmitsInstalled(version(t, v)) {
				t.Errorf("%q does not admit %s", c.rng, v)
			}
		}
		for v := range strings.FieldsSeq(c.out) {
			if r.Admits(version(t, v)) {
				t.Errorf("%q admits %s", c.rng, v)
			}
			want := strings.Contains(" "+c.installed+" ", " "+v+" ")
			if got := r.AdmitsInstalled(version(t, v)); got != want {
				t.Errorf("%q admits installed %s: got %v, want %v", c.rng, v, got, want)
			}
		}
	}
}

func TestParseRangeRejects(t *testing.T) {
	for rng, want := range map[string]string{
		"1.9 < x > 1.10":         "do not point the same way",
		"2 < x < 1":              "no version lies between",
		"1.2 < x <= 1.2":         "no version lies between",
		"1.9 < x <= 1.10, ^1.2":  "write it like",
		"1.9 < x x < 2":          "write it like",
		"x != 1.2":               "write it like",
		"1.9.1.1 < x":            "write it like",
		"01 < x":                 "write 1.0.0",
		"latest":                 "write it like",
		"1.2 |":                  "write it like",
		"1|2":                    "write it like",
		"^1.2 ||":                "an alternative is empty",
		" ":                      "an alternative is empty",
		"99999999999999999999":   "write it like",
		strings.Repeat("1", 600): "more than 512",
	} {
		_, err := kube.ParseRange(rng)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseRange(%.40q) = %v, want %q", rng, err, want)
		}
	}
}

func TestAdmitsServer(t *testing.T) {
	for _, c := range []struct {
		rng, server string
		want        bool
	}{
		{">=1.36.3", "v1.36.3-gke.1348000", true},
		{"x >= 1.36", "v1.36.0-rc.1", true},
		{">=1.36.0-0", "v1.36.0+k3s1", true},
		{"^1.30", "1.36+", true},
		{"1.9 < x <= 1.10", "v1.10.3", false},
		{"", "v1.36.3", true},
	} {
		r, err := kube.ParseRange(c.rng)
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.AdmitsServer(c.server)
		if err != nil || got != c.want {
			t.Errorf("%q admits server %s: got %v, %v, want %v", c.rng, c.server, got, err, c.want)
		}
	}
	for _, server := range []string{"", "latest", "v1", "v99999999999999999999.1"} {
		if _, err := (kube.Range{}).AdmitsServer(server); err == nil {
			t.Errorf("AdmitsServer(%q) has no error", server)
		}
	}
}

func FuzzParseRange(f *testing.F) {
	for _, s := range []string{"1.9 < x <= 1.10", "^1.2 || ~1.9", ">=1.9, <2", "x", "1.2 - 1.4", "2.0.0-rc.1 <= x", "1.9 < x > 2", "|", "*"} {
		f.Add(s)
	}
	v := version(f, "1.9.5")
	f.Fuzz(func(t *testing.T, s string) {
		r, err := kube.ParseRange(s)
		if err != nil {
			return
		}
		if r.String() != s {
			t.Errorf("String() = %q, want %q", r, s)
		}
		if r.Admits(v) && !r.AdmitsInstalled(v) {
			t.Errorf("%q admits %s, but not once it is installed", s, v)
		}
		again, err := kube.ParseRange(s + " || " + s)
		if s != "" && len(s) < kube.MaxRange/3 && (err != nil || again.Admits(v) != r.Admits(v)) {
			t.Errorf("%q twice differs from once: %v", s, err)
		}
	})
}

func ExampleParseRange() {
	r, err := kube.ParseRange("1.9 < x <= 1.10")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range []string{"1.9.0", "1.9.5", "1.10.0", "1.10.3"} {
		v, _ := kube.ParseVersion(s)
		fmt.Println(s, r.Admits(v))
	}
	// Output:
	// 1.9.0 false
	// 1.9.5 true
	// 1.10.0 true
	// 1.10.3 false
}
