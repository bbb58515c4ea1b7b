package kube_test

import (
	"strings"
	"testing"

	"github.com/Masterminds/semver/v3"
	"github.com/kpm-sh/kpm/internal/kube"
)

func version(t testing.TB, s string) *semver.Version {
	t.Helper()
	v, err := kube.ParseVersion(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestParseVersionRejects(t *testing.T) {
	for s, want := range map[string]string{
		"v2.9.0":                           `version "v2.9.0": write 2.9.0, without the v`,
		"V2.9.0":                           `version "V2.9.0": write 2.9.0, without the v`,
		"1.0":                              `version "1.0": write three numbers, as in 1.0.0`,
		"1":                                `version "1": write three numbers, as in 1.0.0`,
		"v1.0":                             `version "v1.0": write three numbers, as in 1.0.0`,
		"1.0-rc.1":                         `version "1.0-rc.1": write three numbers, as in 1.0.0-rc.1`,
		"01.0.0":                           `version "01.0.0": write 1.0.0`,
		"=1.0.0":                           `version "=1.0.0": write 1.0.0`,
		" 1.0.0":                           `version " 1.0.0": write 1.0.0`,
		"1.0.0+a_b":                        `version "1.0.0+a_b": write MAJOR.MINOR.PATCH, as semver.org has it`,
		"latest":                           `version "latest": write MAJOR.MINOR.PATCH, as semver.org has it`,
		"":                                 `version is empty`,
		"1.0.0-" + strings.Repeat("a", 58): `version has 64 characters, more than 63`,
	} {
		if _, err := kube.ParseVersion(s); err == nil || err.Error() != want {
			t.Errorf("ParseVersion(%q)\ngot  %v\nwant %s", s, err, want)
		}
	}
	version(t, "1.0.0-"+strings.Repeat("a", 57))
	version(t, "1.0.0-a-+b.c")
}

func TestNewest(t *testing.T) {
	for _, c := range []struct {
		versions string
		pre      bool
		want     string
	}{
		{"1.9.0 1.10.0 1.2.0", false, "1.10.0"},
		{"1.0.0 2.0.0-rc.1", false, "1.0.0"},
		{"1.0.0 2.0.0-rc.1", true, "2.0.0-rc.1"},
		{"2.0.0 2.0.0-rc.1", true, "2.0.0"},
		{"2.2.0-beta2 2.2.0-beta3", false, "2.2.0-beta3"},
	} {
		var vs []*semver.Version
		for s := range strings.FieldsSeq(c.versions) {
			vs = append(vs, version(t, s))
		}
		if got := kube.Newest(vs, c.pre).String(); got != c.want {
			t.Errorf("Newest(%s, %v) = %s, want %s", c.versions, c.pre, got, c.want)
		}
	}
	if v := kube.Newest(nil, true); v != nil {
		t.Errorf("Newest of nothing is %s", v)
	}
}

func TestDistinct(t *testing.T) {
	for pair, want := range map[string]string{
		"1.0.0 1.0.1":             "",
		"1.0.0 1.0.0-rc.1":        "",
		"1.0.0-rc.1 1.0.0-rc.2":   "",
		"1.0.0+a 1.0.0+b":         "same precedence",
		"1.0.0 1.0.0+b":           "same precedence",
		"1.0.0 1.0.0":             "same precedence",
		"1.0.0-RC1 1.0.0-rc1":     "only in case",
		"1.0.0-rc1+A 1.0.0-rc1+a": "only in case",
	} {
		a, b, _ := strings.Cut(pair, " ")
		err := kube.Distinct(version(t, a), version(t, b))
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", pair, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: got %v, want %q", pair, err, want)
		}
	}
}

func TestValidName(t *testing.T) {
	for name, want := range map[string]string{
		"a": "", "etcd-standalone": "", "4": "", "com0": "", "com10": "", "console": "", strings.Repeat("a", 63): "",
		"": "empty", "Etcd": "use only", "a_b": "use only", "a.b": "use only", "ä": "use only", "a/b": "use only", "..": "use only",
		"-a": "begin and end", "a-": "begin and end", "-": "begin and end", strings.Repeat("a", 64): "more than 63",
		"con": "reserved", "nul": "reserved", "com1": "reserved", "lpt9": "reserved",
	} {
		err := kube.ValidName(name)
		switch {
		case want == "" && err != nil:
			t.Errorf("%q: %v", name, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%q: got %v, want %q", name, err, want)
		}
	}
}
