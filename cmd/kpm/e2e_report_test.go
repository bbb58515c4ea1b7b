package main

import (
	"os"
	"regexp"
	"strings"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
)

// masks are what no two runs have in common.
var masks = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`"(plan|apply|ready|total|readySeconds)": [0-9.e-]+`), `"$1": TIME`},
	{regexp.MustCompile(`"digest": "[0-9a-f]{64}"`), `"digest": "DIGEST"`},
	{regexp.MustCompile(`"signer": "[^"]+"`), `"signer": "SIGNER"`},
	{regexp.MustCompile(`"uid": "[0-9a-f-]{36}"`), `"uid": "UID"`},
}

// masked compares the last standard output with a file: masked want.json
func masked(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: masked FILE")
	}
	want, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	got := strings.ReplaceAll(ts.ReadFile("stdout"), ts.Getenv("NS"), "NS")
	for _, m := range masks {
		got = m.pattern.ReplaceAllString(got, m.with)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		ts.Fatalf("%s (-want +got):\n%s", args[0], diff)
	}
}
