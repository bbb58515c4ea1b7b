package api

import (
	"testing"
)

func TestMask(t *testing.T) {
	m := (&Mask{Salt: []byte("salt")})
	m.Hide("hunter2", "ab", "line\nbreak", "")
	for in, want := range map[string]string{
		`Unsupported value: "hunter2"`: `Unsupported value: "(hidden)"`,
		"aHVudGVyMg== in base64":       "(hidden) in base64",
		`value "ab" is short`:          `value "(hidden)" is short`,
		"about":                        "about",
		`quoted line\nbreak`:           "quoted (hidden)",
	} {
		if got := m.Scrub(in); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	m.Show("example.org/hold")
	m.Hide("example.org/hold")
	if got := m.Scrub("held by example.org/hold, hunter2"); got != "held by example.org/hold, (hidden)" {
		t.Errorf("got %q", got)
	}
	if m.Value("a") == m.Value("b") || m.Value("a") != (&Mask{Salt: []byte("salt")}).Value("a") || m.Value("a") == (&Mask{Salt: []byte("other")}).Value("a") {
		t.Error("masks do not tell values apart within a run, or tell them between runs")
	}
	if got := (&Mask{}).Value("a"); got != "(hidden)" {
		t.Errorf("without salt %q", got)
	}
}
