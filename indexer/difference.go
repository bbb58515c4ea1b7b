package indexer

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/kpm-sh/kpm/internal/kube"
)

// onlyLineEnds reports whether two Kubes are one but for CRLF in the place of
// LF, or the other way round, as git does it where core.autocrlf is set.
func onlyLineEnds(a, b *kube.Kube) bool {
	return slices.EqualFunc(a.Files, b.Files, func(a, b kube.File) bool {
		return a.Path == b.Path && a.Exec == b.Exec && bytes.Equal(withLF(a.Data), withLF(b.Data))
	})
}

func withLF(data []byte) []byte {
	return bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
}

// lineEnds says in words what the lines of a file end in.
func lineEnds(data []byte) string {
	switch bytes.Count(data, []byte("\r\n")) {
	case 0:
		return "LF"
	case bytes.Count(data, []byte("\n")):
		return "CRLF"
	}
	return "LF and CRLF"
}

// difference names the files that differ.
func difference(old, now *kube.Kube) kube.Problems {
	var ps kube.Problems
	for _, o := range old.Files {
		i := slices.IndexFunc(now.Files, func(n kube.File) bool { return n.Path == o.Path })
		switch {
		case i < 0:
			ps = append(ps, kube.Problem{Path: o.Path, Message: "is in the published release, not here"})
		case !bytes.Equal(now.Files[i].Data, o.Data) && bytes.Equal(withLF(now.Files[i].Data), withLF(o.Data)):
			ps = append(ps, kube.Problem{Path: o.Path, Line: firstLine(o.Data, now.Files[i].Data),
				Message: fmt.Sprintf("differs from the published release only in the ends of lines: %s here, %s there", lineEnds(now.Files[i].Data), lineEnds(o.Data))})
		case !bytes.Equal(now.Files[i].Data, o.Data):
			ps = append(ps, kube.Problem{Path: o.Path, Line: firstLine(o.Data, now.Files[i].Data), Message: "differs from the published release"})
		case now.Files[i].Exec != o.Exec:
			ps = append(ps, kube.Problem{Path: o.Path, Message: "has another execute bit than in the published release"})
		}
	}
	for _, n := range now.Files {
		if _, ok := old.File(n.Path); !ok {
			ps = append(ps, kube.Problem{Path: n.Path, Message: "is not in the published release"})
		}
	}
	return ps
}

// firstLine is the first line in which a and b differ.
func firstLine(a, b []byte) int {
	n := 1
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			break
		}
		if a[i] == '\n' {
			n++
		}
	}
	return n
}
