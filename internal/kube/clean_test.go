package kube

import "testing"

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"plain ü 漢":             "plain ü 漢",
		"a\x1b[31mb":            "a\ufffd[31mb",
		"a\nb\tc":               "a\ufffdb\ufffdc",
		"\u202eright\u2066":     "\ufffdright\ufffd",
		"zero\u200bwidth\ufeff": "zero\ufffdwidth\ufffd",
		"c1\u009b":              "c1\ufffd",
		"bad\xffbyte":           "bad\ufffdbyte",
	} {
		if got := Clean(in, false); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
	if got := Clean("a\nb\tc\r", true); got != "a\nb\tc\ufffd" {
		t.Errorf("several lines: got %q", got)
	}
}
