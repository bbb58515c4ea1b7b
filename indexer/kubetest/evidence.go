package kubetest

import (
	"encoding/json"
	"strings"

	"github.com/kpm-sh/kpm/signing"
)

// Bytes of JSON that the parts of a statement may have: together less than one may have
// (signing.MaxTestResult).
const (
	maxObjects  = 10 << 10
	maxImages   = 8 << 10
	maxWarnings = 4 << 10
	maxSteps    = 2 << 10 // of those that passed, and of those that did not
	maxNeeds    = 1 << 10
	maxWhy      = 2 << 10
)

// Evidence is the unsigned statement about a result that is judged, and the name of
// its file: the tar and the version of the server make it, so that what several
// machines found goes into one folder. Lists are cut where a statement has no room.
func (r Result) Evidence() (name string, statement []byte, err error) {
	t := signing.TestResult{
		Result: signing.TestPassed, Name: r.Name, Version: r.Version, Tar: r.Tar, Server: r.Server, Nodes: r.Nodes, Kpm: r.Kpm,
		Passed: fit(r.named(Passed), maxSteps), Failed: fit(r.named(Failed), maxSteps),
		Run: signing.TestRun{
			SecondsToReady: r.Ready, Objects: fit(r.Objects, maxObjects), Images: []signing.TestImage{}, Warnings: fit(r.Warnings, maxWarnings),
			UpgradedFrom: r.From,
		},
	}
	if len(r.With) > 0 {
		t.Run.With = fit(r.With, maxNeeds)
	}
	if r.Verdict == Failed {
		t.Result, t.Run.Failure = signing.TestFailed, short(r.Why)
	}
	for _, i := range fit(r.Images, maxImages) {
		t.Run.Images = append(t.Run.Images, signing.TestImage(i))
	}
	statement, err = t.Statement()
	return r.Tar + "-" + r.Server + ".json", statement, err
}

// fit is as much of the beginning of a list as has so many bytes in JSON.
func fit[T any](list []T, bytes int) []T {
	out := []T{}
	for _, item := range list {
		if bytes -= written(item) + len(","); bytes < 0 {
			break
		}
		out = append(out, item)
	}
	return out
}

// written is how many bytes a value has in JSON.
func written(value any) int {
	text, err := json.Marshal(value)
	if err != nil {
		return maxObjects // which no list has room for
	}
	return len(text)
}

// short is a text as far as there is room for it, cut between two letters.
func short(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	n := 0
	for i, letter := range text {
		if n += written(string(letter)) - len(`""`); n > maxWhy {
			return text[:i] + "…"
		}
	}
	return text
}
