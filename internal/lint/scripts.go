package lint

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/lazyregexp"
)

var downloading = lazyregexp.New(`\b(urlopen|urlretrieve|URLopener|HTTPSConnection|HTTPConnection|FTP)\s*\(|\brequests\.(get|post|request|Session)\b|['"](curl|wget|pip3?|git)['" ]|\bexec\s*\(|\beval\s*\(`)

// scripts warns of a hook that downloads, and of files that are called as hooks and are none.
func scripts(s *scene) kube.Problems {
	var ps kube.Problems
	warn := func(file string, line int, rule, format string, args ...any) {
		ps = append(ps, kube.Problem{Path: file, Line: line, Warning: true, Rule: rule, Message: fmt.Sprintf(format, args...)})
	}
	for _, f := range s.kube.Files {
		if text := misnamed(f.Path); text != "" {
			warn(f.Path, 1, "hook-name", "%s", text)
		}
	}
	if hook, ok := s.kube.Hook(); ok {
		for n, line := range bytes.Split(hook.Data, []byte("\n")) {
			code, _, _ := bytes.Cut(line, []byte("#"))
			if m := downloading().Find(code); m != nil {
				warn(hook.Path, n+1, "hook-downloads", "%q: a hook has no network, and what it would run was reviewed by nobody", bytes.TrimSpace(m))
			}
		}
	}
	return s.waived(ps)
}

// hookLike are names of hooks, here and elsewhere, in lower case and without what divides
// words.
var hookLike = lazyregexp.New(`^(pre|post)(install|upgrade|update|uninstall|delete|remove|rollback)$`)

// misnamed says why a file that is called as a hook is none; "" of any other file.
func misnamed(file string) string {
	dir, base := path.Split(file)
	if file == kube.HookPath || strings.Count(file, "/") > 1 || dir == "manifests/" || dir == "tests/" {
		return ""
	}
	ext := path.Ext(base)
	name := strings.ToLower(strings.TrimSuffix(base, ext))
	name = strings.NewReplacer("-", "", "_", "", " ", "", ".", "").Replace(name)
	switch {
	case !hookLike().MatchString(name) || !slices.Contains([]string{"", ".py", ".sh", ".bash"}, strings.ToLower(ext)):
		return ""
	case name != "preinstall":
		return fmt.Sprintf("nothing runs it: the one hook is %s, which runs before an install and before an upgrade", kube.HookPath)
	case strings.ToLower(ext) != ".py":
		return fmt.Sprintf("nothing runs it: a hook is Python, in %s", kube.HookPath)
	}
	return fmt.Sprintf("nothing runs it: a hook is called %s", kube.HookPath)
}
