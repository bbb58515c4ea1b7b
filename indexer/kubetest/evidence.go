package kubetest

import (
	"slices"

	"github.com/kpm-sh/kpm/signing"
)

// Evidence is the unsigned statement about a result that is judged, and the name of
// its file: the tar and the version of the server make it, so that what several
// machines found goes into one folder.
func (r Result) Evidence() (name string, statement []byte, err error) {
	t := signing.TestResult{
		Result: signing.TestPassed, Name: r.Name, Version: r.Version, Tar: r.Tar, Server: r.Server, Nodes: r.Nodes, Kpm: r.Kpm,
		Passed: r.named(Passed), Failed: r.named(Failed),
		Run: signing.TestRun{
			SecondsToReady: r.Ready, Objects: orNone(r.Objects), Images: []signing.TestImage{}, Warnings: orNone(r.Warnings),
			UpgradedFrom: r.From, With: r.With,
		},
	}
	if r.Verdict == Failed {
		t.Result, t.Run.Failure = signing.TestFailed, short(r.Why)
	}
	for _, i := range r.Images {
		t.Run.Images = append(t.Run.Images, signing.TestImage(i))
	}
	t.Run.Warnings = slices.Clone(t.Run.Warnings[:min(len(t.Run.Warnings), maxWarnings)])
	statement, err = t.Statement()
	return r.Tar + "-" + r.Server + ".json", statement, err
}

// What a bundle has room for.
const (
	maxWarnings = 50
	maxWhy      = 2 << 10
)

func short(text string) string {
	if len(text) <= maxWhy {
		return text
	}
	return text[:maxWhy] + "…"
}

func orNone(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
