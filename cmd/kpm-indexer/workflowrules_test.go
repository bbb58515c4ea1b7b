package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// guarded is what the rules read of a workflow.
type guarded struct {
	On          yaml.Node
	Permissions map[string]string
	Concurrency struct {
		Group  string
		Cancel bool `yaml:"cancel-in-progress"`
	}
	Jobs map[string]struct {
		If          string
		Permissions map[string]string
		Steps       []struct {
			Uses, Run string
			With      map[string]string
		}
	}
}

var (
	byDigest   = regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40}$`)
	expression = regexp.MustCompile(`\$\{\{`)
)

// TestWorkflowRules holds our workflows, and those that init writes, to what zizmor and
// its like ask for: actions by digest; no text of strangers in a shell; no credential that
// stays in a checkout; no right but to read, unless a job of main says so; no secret where
// a pull request runs; no two publishers at once.
func TestWorkflowRules(t *testing.T) {
	repo, keyless := filepath.Join(t.TempDir(), "new"), filepath.Join(t.TempDir(), "keyless")
	if said, code := runForTest(t, "init", repo, "--name", "acme", "--url", "https://acme.example/"); code != 0 {
		t.Fatal(said)
	}
	if said, code := runForTest(t, "init", keyless, "--name", "acme", "--keyless"); code != 0 {
		t.Fatal(said)
	}
	var all []string
	for _, dir := range []string{"../../.github/workflows", filepath.Join(repo, ".github/workflows"), filepath.Join(keyless, ".github/workflows")} {
		found, err := filepath.Glob(filepath.Join(dir, "*.yml"))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s has no workflow: %v", dir, err)
		}
		all = append(all, found...)
	}
	shown := filepath.Join(t.TempDir(), "shown.yml")
	if err := os.WriteFile(shown, []byte(scaled(t, "strategy:")), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range append(all, shown) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range faultsOf(t, data) {
			t.Errorf("%s: %s", path, fault)
		}
	}
}

// TestWorkflowRulesCanFail breaks each rule once.
func TestWorkflowRulesCanFail(t *testing.T) {
	const good = "on: {pull_request: }\npermissions: {contents: read}\nconcurrency: {group: a}\njobs:\n  b:\n    if: github.ref == 'refs/heads/main'\n    permissions: {pages: write}\n  a:\n    steps:\n    - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8\n      with: {persist-credentials: false}\n    - run: make\n"
	if faults := faultsOf(t, []byte(good)); len(faults) > 0 {
		t.Fatal(faults)
	}
	for from, to := range map[string]string{
		"{pull_request: }":                         "{pull_request_target: }",
		"concurrency: {group: a}\n":                "",
		"{group: a}":                               "{group: a, cancel-in-progress: true}",
		" == 'refs/heads/main'":                    "",
		"permissions: {contents: read}\n":          "",
		"contents: read":                           "contents: write",
		"08c6903cd8c0fde910a37f88322edcfb5dd907a8": "v5",
		"persist-credentials: false":               "fetch-depth: 1",
		"run: make":                                "run: echo ${{ github.head_ref }}",
		"    - run: make\n":                        "    - run: make\n      env: {K: '${{ secrets.KEY }}'}\n",
	} {
		if len(faultsOf(t, []byte(strings.Replace(good, from, to, 1)))) == 0 {
			t.Errorf("%s in the place of %s is taken", to, from)
		}
	}
}

func faultsOf(t *testing.T, data []byte) (faults []string) {
	t.Helper()
	var w guarded
	if err := yaml.Unmarshal(data, &w); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(data), "pull_request_target") {
		faults = append(faults, "pull_request_target")
	}
	if len(w.Permissions) != 1 || w.Permissions["contents"] != "read" {
		faults = append(faults, "permissions are not contents: read")
	}
	for name, job := range w.Jobs {
		onMain := strings.Contains(job.If, "refs/heads/main")
		if job.Permissions["pages"] == "write" && (w.Concurrency.Group == "" || w.Concurrency.Cancel) {
			faults = append(faults, name+" publishes beside another, or is stopped in the middle of it")
		}
		if len(job.Permissions) > 0 && !onMain {
			faults = append(faults, name+" has permissions and runs for pull requests")
		}
		for _, step := range job.Steps {
			if step.Uses != "" && !byDigest.MatchString(step.Uses) {
				faults = append(faults, name+" uses "+step.Uses)
			}
			if strings.HasPrefix(step.Uses, "actions/checkout@") && step.With["persist-credentials"] != "false" {
				faults = append(faults, name+" leaves credentials in its checkout")
			}
			if expression.MatchString(step.Run) {
				faults = append(faults, name+" has an expression in a shell")
			}
		}
	}
	return append(faults, secretsIn(data)...)
}

// secretsIn finds secrets in jobs that do not run for main alone.
func secretsIn(data []byte) (faults []string) {
	_, jobs, _ := strings.Cut(string(data), "\njobs:")
	job, onMain := "", false
	for line := range strings.Lines(jobs) {
		if strings.HasPrefix(line, "  ") && !strings.HasPrefix(line, "   ") && strings.Contains(line, ":") {
			job, onMain = strings.TrimSpace(line), false
		}
		onMain = onMain || strings.HasPrefix(line, "    if:") && strings.Contains(line, "github.ref == 'refs/heads/main'")
		if strings.Contains(line, "secrets.") && !onMain {
			faults = append(faults, job+" has a secret and runs for pull requests")
		}
	}
	return faults
}

// runForTest runs a command line in this process.
func runForTest(t *testing.T, args ...string) (said string, code int) {
	t.Helper()
	var out strings.Builder
	code = run(t.Context(), args, stdio{out: &out, err: &out, getenv: func(string) string { return "" }, clock: time.Now})
	return out.String(), code
}

// TestKeylessWorkflow: only the job that publishes may ask for an identity token, and no
// job has a secret.
func TestKeylessWorkflow(t *testing.T) {
	repo := filepath.Join(t.TempDir(), "new")
	if said, code := runForTest(t, "init", repo, "--name", "acme", "--keyless"); code != 0 {
		t.Fatal(said)
	}
	data, err := os.ReadFile(filepath.Join(repo, ".github/workflows/publish.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var w guarded
	if err := yaml.Unmarshal(data, &w); err != nil {
		t.Fatal(err)
	}
	for name, job := range w.Jobs {
		if got := job.Permissions["id-token"]; (got == "write") != (name == "publish") {
			t.Errorf("job %s: id-token: %q", name, got)
		}
	}
	if w.Permissions["id-token"] != "" {
		t.Error("every job may ask for an identity token")
	}
	for _, wrong := range []string{"INDEX_KEY", "secrets.", "%key"} {
		if strings.Contains(string(data), wrong) {
			t.Errorf("the workflow says %s", wrong)
		}
	}
	if !strings.Contains(string(data), "build --packages packages --out site --trust trust --keyless ") {
		t.Error("the workflow does not sign without a key")
	}
}
