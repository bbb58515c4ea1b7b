package findings_test

import (
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/cmd/internal/findings"
	"github.com/kpm-sh/kpm/internal/kube"
)

func TestWrite(t *testing.T) {
	ps := kube.Problems{
		{Path: "packages/a,b/manifests/a.yaml", Line: 3, Message: "Pod a: 100% is wrong\n::error::x", Rule: "type"},
		{Path: "packages/a/K3.yaml", Message: "details is missing\x1b[31m", Warning: true},
	}
	for form, want := range map[string]string{
		"text":   "packages/a,b/manifests/a.yaml:3: Pod a: 100% is wrong\uFFFD::error::x\npackages/a/K3.yaml: warning: details is missing\uFFFD[31m\n",
		"github": "::error file=packages/a%2Cb/manifests/a.yaml,line=3,title=type::Pod a: 100%25 is wrong\uFFFD::error::x\n::warning file=packages/a/K3.yaml,line=1::details is missing\uFFFD[31m\n",
		"json": `[
  {
    "path": "packages/a,b/manifests/a.yaml",
    "line": 3,
    "severity": "error",
    "rule": "type",
    "message": "Pod a: 100% is wrong\n::error::x"
  },
  {
    "path": "packages/a/K3.yaml",
    "severity": "warning",
    "message": "details is missing\u001b[31m"
  }
]
`,
	} {
		var b strings.Builder
		if err := findings.Write(&b, form, ps); err != nil || b.String() != want {
			t.Errorf("%s: %v\ngot  %q\nwant %q", form, err, b.String(), want)
		}
	}
}
