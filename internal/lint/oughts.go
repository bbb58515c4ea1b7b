package lint

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/kpm-sh/kpm/internal/kube"
)

var (
	importing   = regexp.MustCompile(`\{%[-+]?\s*(import|from|include|extends)\b`)
	downloading = regexp.MustCompile(`\b(urlopen|urlretrieve|URLopener|HTTPSConnection|HTTPConnection|FTP)\s*\(|\brequests\.(get|post|request|Session)\b|['"](curl|wget|pip3?|git)['" ]|\bexec\s*\(|\beval\s*\(`)
)

// oughts warns of what the files of a Kube ought not to be.
func oughts(s *scene) kube.Problems {
	var ps kube.Problems
	warn := func(file string, line int, rule, format string, args ...any) {
		ps = append(ps, kube.Problem{Path: file, Line: line, Warning: true, Rule: rule, Message: fmt.Sprintf(format, args...)})
	}
	for _, f := range s.kube.Templates() {
		plain := strings.TrimSuffix(f.Path, ".tmpl")
		if _, ok := s.kube.File(plain); !ok {
			warn(f.Path, 1, "template-alone", "there is no %s beside it, which shows what it gives with the default values", path.Base(plain))
		}
		if at := importing.FindIndex(f.Data); at != nil {
			warn(f.Path, lineAt(f.Data, at[0]), "template-imports", "it imports another template: a reader has to know both")
		}
	}
	if hook, ok := s.kube.Hook(); ok {
		for n, line := range bytes.Split(hook.Data, []byte("\n")) {
			code, _, _ := bytes.Cut(line, []byte("#"))
			if m := downloading.Find(code); m != nil {
				warn(hook.Path, n+1, "hook-downloads", "%q: a hook has no network, and what it would run was reviewed by nobody", bytes.TrimSpace(m))
			}
		}
	}
	return s.waived(ps)
}

func lineAt(data []byte, at int) int { return 1 + bytes.Count(data[:at], []byte("\n")) }
