package main

import (
	"fmt"
	"runtime"
	"strings"
	"time"
)

// section is one table, with what has to be known to read it.
type section struct {
	title, about string
	rows         []row
}

// The sections, in the order of the document.
const (
	indexTitle   = "Index"
	siteTitle    = "Web site"
	signingTitle = "Signatures"
	mirrorTitle  = "Mirrors"
	checksTitle  = "Checks and tests"
	clusterTitle = "Cluster"
)

const intro = `# Benchmarks

Written by ` + "`make bench`" + `: kpm and kpm-indexer beside their peers, with the same input, on one machine and in the same minutes. Figures are
medians of whole processes; CPU is seconds of user and system. What counts is the ratio.
`

// document lays fresh sections over those of an older document.
func document(old string, fresh []section) string {
	text := map[string]string{}
	for _, part := range strings.Split(old, "\n## ")[1:] {
		title, _, _ := strings.Cut(part, "\n")
		text[title] = "\n## " + strings.TrimRight(part, "\n") + "\n"
	}
	for _, s := range fresh {
		text[s.title] = s.String()
	}
	return intro + text[indexTitle] + text[siteTitle] + text[checksTitle] + text[signingTitle] + text[mirrorTitle] + text[clusterTitle]
}

func (s section) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n## %s\n\nOn %s, %s/%s, %d cores, %s. %s\n\n", s.title,
		time.Now().UTC().Format(time.DateOnly), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), s.about)
	fmt.Fprintf(&b, "| what | kpm | peer | ratio | goal |\n|---|---|---|---|---|\n")
	for _, r := range s.rows {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", r.What, r.Ours, r.Peer, r.Ratio, r.Goal)
	}
	return b.String()
}
