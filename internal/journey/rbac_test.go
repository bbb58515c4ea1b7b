package journey

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A user who has the Role of docs/rbac.md, and nothing else, can do all that the page
// says, and sees what stands in the way.
func TestE2ERole(t *testing.T) {
	r := newReader(t, controlPlane(t))
	var role string
	for _, b := range blocks(t, filepath.Join("..", "..", "docs", "rbac.md")) {
		if strings.HasPrefix(b.lines[0], "apiVersion: rbac") {
			role = strings.Join(b.text, "\n")
		}
	}
	script := `
mkdir -p grant/manifests
printf 'name: grant\nversion: 1.0.0\ndescription: Lets somebody work here\n' >grant/K3.yaml
cat >grant/manifests/role.yaml <<'EOF'
` + role + `
EOF
cat >grant/manifests/binding.yaml <<'EOF'
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: kpm}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: kpm}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: somebody}]
EOF
kpm install ./grant
kpm create web
as="--as somebody"
kpm install ./web $as
kpm upgrade ./web $as --set replicas=2
kpm list $as
kpm status web $as
kpm history web $as
kpm diff ./web $as
kpm test ./web $as
kpm rollback web $as
if kpm install ./grant $as; then echo 'somebody granted himself something'; exit 1; fi
kpm uninstall web $as
`
	cmd := exec.CommandContext(t.Context(), "bash", "-euxo", "pipefail")
	cmd.Stdin, cmd.Env, cmd.Dir = strings.NewReader(prologue+script), r.env, r.path("you")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
