package journey

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// guides are the pages whose commands are typed here, and what has to be there first.
// Pages with commands that are not here stand in elsewhere.
var guides = map[string]func(*reader){
	"README.md":                   (*reader).startReadme,
	"docs/air-gap.md":             (*reader).standByAGap,
	"docs/concepts.md":            (*reader).publishAcme,
	"docs/environment.md":         (*reader).publishAcme,
	"docs/history.md":             nil,
	"docs/hooks.md":               (*reader).writeHook,
	"docs/install.md":             nil,
	"docs/submit.md":              (*reader).writePackage,
	"docs/tests.md":               (*reader).installHello,
	"docs/tutorial-install.md":    (*reader).publishAcme,
	"docs/tutorial-kube.md":       nil,
	"docs/tutorial-repository.md": nil,
}

// elsewhere are the pages whose commands other tests type, or that show no session.
var elsewhere = map[string]string{
	"docs/commands.md":         "is made of the grammar",
	"docs/indexer-commands.md": "is made of the grammar",
	"docs/format.md":           "TestByHand of docs types them",
	"docs/operate.md":          "TestRecipes of docs types them",
	"docs/publish.md":          "the tests of docs and of cmd/kpm-indexer type its blocks",
}

// untyped are the commands that no test types, each with the reason.
var untyped = map[string]string{
	"go install ":  "fetches a released version",
	"git clone ":   "fetches the project",
	"cd kpm":       "goes into what was cloned",
	"make build":   "has been run",
	"make demo":    "is a step of its own in CI",
	"make test":    "runs this",
	"make e2e":     "is a step of its own in CI",
	"make site-te": "is a step of its own in CI",
	"kpm edit ":    "needs a terminal: TestEdit has one",
	"kubectl ":     "is another program",

	"kpm rollback nginx-standard": "goes back from a newer release, which the demo publishes",
}

// ofCluster are the commands of kpm that need one.
var ofCluster = regexp.MustCompile(`\bkpm (install|upgrade|status|list|history|rollback|uninstall|diff|test|outdated)\b`)

// TestGuides types every command of the guides, in their order, as somebody who follows
// them. Those that need a cluster are typed where there is one (TestE2EGuides).
func TestGuides(t *testing.T) {
	t.Parallel()
	readGuides(t, "")
}

// TestE2EGuides types those that need a cluster as well.
func TestE2EGuides(t *testing.T) { readGuides(t, controlPlane(t)) }

// controlPlane is the kubeconfig of the cluster that the tests are run beside.
func controlPlane(t *testing.T) string {
	t.Helper()
	config := os.Getenv("KPM_E2E_KUBECONFIG")
	switch {
	case config != "":
	case os.Getenv("KPM_E2E") == "required":
		t.Fatal("KPM_E2E_KUBECONFIG is not set")
	default:
		t.Skip("no control plane: KPM_E2E_KUBECONFIG is not set")
	}
	return config
}

// Each page that shows commands is typed, here or elsewhere.
func TestGuidesAreAll(t *testing.T) {
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(pages, "../../README.md") {
		name := strings.TrimPrefix(filepath.ToSlash(page), "../../")
		_, here := guides[name]
		_, there := elsewhere[name]
		shows := slices.ContainsFunc(blocks(t, page), func(b block) bool { return len(b.commands()) > 0 })
		if shows && !here && !there {
			t.Errorf("%s shows commands that no test types", name)
		}
		if there && !shows {
			t.Errorf("%s shows no commands: it stands in elsewhere for nothing", name)
		}
	}
}

func readGuides(t *testing.T, kubeconfig string) {
	for page, prepare := range guides {
		t.Run(page, func(t *testing.T) {
			if kubeconfig == "" { // what one installs, another would see
				t.Parallel()
			}
			r := newReader(t, kubeconfig)
			if prepare != nil {
				prepare(r)
			}
			r.follow(filepath.Join("..", "..", filepath.FromSlash(page)))
		})
	}
}

// reader follows a guide in a shell of its own, with a home that is empty.
type reader struct {
	*stage
	cluster bool
	pin     string   // of what is served
	words   []string // what stands for something else in a guide, and that
	script  strings.Builder
}

func newReader(t *testing.T, kubeconfig string) *reader {
	r := &reader{stage: newStage(t), cluster: kubeconfig != ""}
	if !r.cluster {
		kubeconfig = os.DevNull
	}
	noTelemetry(t, r.path("you"))
	r.env = []string{
		"HOME=" + r.path("you"), "LANG=C.UTF-8", "PATH=" + filepath.Dir(r.kpm) + ":" + os.Getenv("PATH"), "KUBECONFIG=" + kubeconfig, "KPM_YES=true", "ACME_TOKEN=secret",
	}
	return r
}

// noTelemetry makes the home of somebody whose go command counts nothing: what counts goes
// on writing there when the command has ended.
func noTelemetry(t *testing.T, home string) {
	t.Helper()
	for _, settings := range []string{".config", "Library/Application Support"} { // os.UserConfigDir
		mode := filepath.Join(home, settings, "go", "telemetry", "mode")
		if err := os.MkdirAll(filepath.Dir(mode), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(mode, []byte("off"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// publishAcme serves the Kubes of packages/ as the repository of the guides.
func (r *reader) publishAcme() {
	r.t.Helper()
	keys, site := r.path("acme-keys"), r.path("site")
	r.pin = pin.FindString(r.must(r.index, "trust", "init", "--out", keys, "--name", "acme").out)
	r.must(r.index, "build", "--packages", filepath.Join("..", "..", "packages"), "--out", site, "--first", "--trust", keys, "--key", filepath.Join(keys, "index.key"))
	r.serve()
}

// startReadme has a repository, as the session at the top of the page has, and lies
// beside what is published.
func (r *reader) startReadme() {
	r.publishAcme()
	fmt.Fprintf(&r.script, "kpm repo add spec %s --trust %s\ncp -r %s/v1 %s/index.key.pub .\n", r.url, r.pin, r.path("site"), r.path("acme-keys"))
}

func (r *reader) installHello() {
	r.publishAcme()
	fmt.Fprintf(&r.script, "kpm repo add acme %s --trust %s\nkpm update\n", r.url, r.pin)
	if r.cluster {
		r.script.WriteString("kpm install hello\n")
	}
}

func (r *reader) writePackage() {
	r.script.WriteString("kpm-indexer init acme\ncd acme\n(cd packages && kpm create hello-web)\n")
}

// writeHook gives a Kube the hook that stands on the page, and a template of what it
// gives.
func (r *reader) writeHook() {
	r.t.Helper()
	for _, b := range blocks(r.t, filepath.Join("..", "..", "docs", "hooks.md")) {
		if strings.HasPrefix(b.lines[0], "import ") {
			fmt.Fprintf(&r.script, "kpm create web\nrm web/values.schema.json\nmkdir web/scripts\ncat >web/scripts/pre-install.py <<'EOF'\n%s\nEOF\n", strings.Join(b.text, "\n"))
			r.script.WriteString("printf 'apiVersion: v1\\nkind: Secret\\nmetadata: {name: web}\\nstringData: {password: \"{{ password }}\"}\\n' >web/manifests/secret.yaml.tmpl\n")
			return
		}
	}
	r.t.Fatal("docs/hooks.md shows no hook")
}

var pin = regexp.MustCompile(`1@sha256:[0-9a-f]{64}`)

// follow types all commands of the page, and stops at the first that fails.
func (r *reader) follow(page string) {
	r.t.Helper()
	ready, left := 0, 0
	for _, b := range blocks(r.t, page) {
		for i, command := range b.commands() {
			switch reason := r.untypable(command); {
			case reason != "":
				left++
				r.t.Logf("%s:%d: not typed: %s (%s)", page, b.line+i, command, reason)
			default:
				ready++
				fmt.Fprintf(&r.script, "echo '+ %s:%d' >&2\n%s\n", page, b.line+i, r.concrete(command))
			}
		}
	}
	if ready == 0 && left == 0 {
		r.t.Fatalf("%s has no commands", page)
	}
	cmd := exec.CommandContext(r.t.Context(), "bash", "-euo", "pipefail")
	cmd.Stdin, cmd.Env, cmd.Dir = strings.NewReader(prologue+r.script.String()), r.env, r.path("you")
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Errorf("%v\n%s", err, out)
	}
}

// prologue ends what the guide serves, and takes away what it installed.
const prologue = `trap 'kill $(jobs -p) 2>/dev/null || true; [ "$KUBECONFIG" = /dev/null ] || for kube in $(kpm list -o name); do kpm uninstall $kube; done' EXIT
`

func (r *reader) untypable(command string) string {
	for prefix, reason := range untyped {
		if strings.HasPrefix(command, prefix) {
			return reason
		}
	}
	for _, program := range []string{"jq", "cosign", "rsync"} {
		if _, err := exec.LookPath(program); err != nil && strings.HasPrefix(command, program+" ") {
			return program + " is not installed"
		}
	}
	if !r.cluster && ofCluster.MatchString(command) {
		return "needs a cluster"
	}
	return ""
}

// concrete is a command with what stands for something else in a guide.
func (r *reader) concrete(command string) string {
	switch {
	case strings.HasPrefix(command, "kpm-indexer trust init "):
		return command + " | tee ~/trust.txt"
	case command == "kpm-indexer serve site":
		return "kpm-indexer serve site --listen 127.0.0.1:0 >~/served.txt &\nuntil [ -s ~/served.txt ]; do kill -0 $!; sleep 0.05; done"
	}
	if strings.HasPrefix(command, "kpm mirror acme ") {
		command = "KPM_HOME=~/.kpm " + command
	}
	known, url := r.pin, r.url
	if r.pin == "" {
		known = "$(grep -o '1@sha256:[0-9a-f]*' ~/trust.txt | head -n 1)"
	}
	words := append([]string{"1@sha256:…", known, "https://packages.example.org/", url, "http://127.0.0.1:8080", "$(head -n 1 ~/served.txt)", "NAME", "hello-web"}, r.words...)
	return strings.NewReplacer(words...).Replace(command)
}
