package lint

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/lazyregexp"
)

var importing = lazyregexp.New(`\{%[-+]?\s*(import|from|include|extends)\b`)

// templateFiles warns of templates that stand alone, and of those that import others.
func templateFiles(s *scene) kube.Problems {
	var ps kube.Problems
	warn := func(file string, line int, rule, format string, args ...any) {
		ps = append(ps, kube.Problem{Path: file, Line: line, Warning: true, Rule: rule, Message: fmt.Sprintf(format, args...)})
	}
	for _, f := range s.kube.Templates() {
		plain := strings.TrimSuffix(f.Path, ".tmpl")
		if _, ok := s.kube.File(plain); !ok {
			warn(f.Path, 1, "template-alone", "there is no %s beside it, which shows what it gives with the default values", path.Base(plain))
		}
		if at := importing().FindIndex(f.Data); at != nil {
			warn(f.Path, lineAt(f.Data, at[0]), "template-imports", "it imports another template: a reader has to know both")
		}
	}
	return s.waived(ps)
}

func lineAt(data []byte, at int) int { return 1 + bytes.Count(data[:at], []byte("\n")) }
