//go:build unix

package main

import (
	"context"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/indexer/kubetest"
)

// workflow is what the test reads of a workflow.
type workflow struct {
	Env  map[string]string
	Jobs map[string]struct {
		Steps []struct {
			Name, Uses, Run string
			Env             map[string]string
		}
	}
}

// givenElse is an input of who calls the workflow, or what is written there.
var givenElse = regexp.MustCompile(`\$\{\{ inputs\.[a-z]+ \|\| '([^']*)' \}\}`)

// runJob runs the shell steps of a job of the workflow that init wrote, as the
// CI service does: in a checkout of its own, with the expressions replaced. go
// is a stand-in that notes what it is to install.
func (s *strangers) runJob(job, first, event string) (string, error) {
	s.t.Helper()
	checkout, temp := s.t.TempDir(), s.t.TempDir()
	s.git("..", "clone", "-q", s.repo, checkout)
	var w workflow
	data, err := os.ReadFile(filepath.Join(checkout, ".github/workflows/publish.yml"))
	s.check(err)
	s.check(yaml.Unmarshal(data, &w))
	key, err := os.ReadFile(filepath.Join(s.dir, "keys/index.key"))
	s.check(err)
	expressions := strings.NewReplacer("${{ secrets.INDEX_KEY }}", strings.TrimSpace(string(key)), "${{ inputs.first }}", first,
		"${{ matrix.kubernetes }}", "1.36", "${{ github.event_name == 'schedule' }}", strconv.FormatBool(strings.HasSuffix(event, "schedule")),
		"${{ needs.check.result == 'success' && needs.test.result == 'success' }}", strconv.FormatBool(event != "refused schedule"),
		"${{ github.event_name == 'pull_request' && 'HEAD^1' || '' }}", map[string]string{"pull_request": "HEAD^1"}[event], "${{ github.ref == 'refs/heads/main' }}", strconv.FormatBool(event != "pull_request"))
	output := filepath.Join(s.t.TempDir(), "output")
	var said strings.Builder
	for _, step := range w.Jobs[job].Steps {
		if step.Run == "" {
			continue
		}
		if strings.Contains(step.Run, "jinja") && !s.jinja() {
			if strings.Contains(step.Run, "import jinja2") {
				continue
			}
			step.Run = strings.ReplaceAll(step.Run, " --require-jinja", "")
		}
		cmd := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step.Run)
		cmd.Dir, cmd.Stdout, cmd.Stderr = checkout, &said, &said
		cmd.Env = append(os.Environ(), "PATH="+filepath.Join(s.dir, "bin")+":"+os.Getenv("PATH"), "RUNNER_TEMP="+temp, "GITHUB_STEP_SUMMARY="+filepath.Join(s.dir, "summary"), "KPM_VERSION=v1.2.3", "GITHUB_OUTPUT="+output)
		for k, v := range w.Env {
			if k != "KPM_VERSION" {
				cmd.Env = append(cmd.Env, k+"="+givenElse.ReplaceAllString(v, "$1"))
			}
		}
		for k, v := range step.Env {
			if v == "${{ steps.publish.outputs.told }}" {
				written, _ := os.ReadFile(output) // where it says anything
				v = strings.TrimPrefix(strings.TrimSpace(string(written)), "told=")
			}
			cmd.Env = append(cmd.Env, k+"="+expressions.Replace(v))
		}
		if step.Name == "tell what the publish step says" {
			s.deploy(checkout)
		}
		if err := cmd.Run(); err != nil {
			return said.String(), err
		}
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		s.t.Errorf("the job leaves %v (%v)", left, err)
	}
	return said.String(), nil
}

// deploy serves the site of a checkout, as the steps that are no shell's do.
func (s *strangers) deploy(checkout string) {
	s.t.Helper()
	s.check(os.RemoveAll(filepath.Join(s.dir, "www")))
	s.check(os.CopyFS(filepath.Join(s.dir, "www"), visible(filepath.Join(checkout, "site"))))
}

// jinja reports whether Python has its Jinja2 here; where not, the jobs do without.
func (s *strangers) jinja() bool {
	err := exec.Command("python3", "-c", "import jinja2").Run()
	if err != nil {
		s.t.Logf("templates are not held against Python's Jinja2: %v", err)
	}
	return err == nil
}

// visible is a folder as a pages service takes it: without dotfiles.
func visible(dir string) fs.FS {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			_ = os.RemoveAll(filepath.Join(dir, e.Name()))
		}
	}
	return os.DirFS(dir)
}

// TestWorkflow: a stranger who does what init and trust/README.md say has a
// workflow that publishes for the first time, and again, and refuses what must
// not be published.
func TestWorkflow(t *testing.T) {
	for _, program := range []string{"git", "bash"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed", program)
		}
	}
	s := newStrangers(t)
	s.check(os.RemoveAll(s.repo))
	s.write("bin/go", "#!/bin/sh\necho \"$@\" >>'"+s.dir+"/installed'\n")
	s.check(os.Chmod(filepath.Join(s.dir, "bin/go"), 0o755))
	s.check(os.Mkdir(filepath.Join(s.dir, "www"), 0o755))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.FileServer(http.Dir(filepath.Join(s.dir, "www"))).ServeHTTP(w, r)
	}))
	defer srv.Close()

	if said, code := s.kpmIndexer("init", s.repo, "--name", "acme", "--url", srv.URL+"/"); code != 0 || !strings.Contains(said, "set KPM_VERSION in ") {
		t.Fatalf("init: exit code %d\n%s", code, said)
	}
	if said, code := s.kpmIndexer("trust", "init", "--name", "acme", "--out", filepath.Join(s.dir, "keys")); code != 0 {
		t.Fatal(said)
	}
	document, err := os.ReadFile(filepath.Join(s.dir, "keys/1.json"))
	s.check(err)
	s.write("repo/trust/1.json", string(document))
	s.committed()

	event := "push"
	do := func(job, first, want string) {
		t.Helper()
		said, err := s.runJob(job, first, event)
		if (err != nil) != strings.HasPrefix(want, "!") || !strings.Contains(said, strings.TrimPrefix(want, "!")) {
			t.Fatalf("%s: %v; want %q\n%s", job, err, want, said)
		}
	}
	do("check", "", "1 Kube checked: 0 errors, 0 warnings")
	do("publish", "", "!start a repository with --first")
	do("publish", "true", "Published 1 of acme")
	do("publish", "true", "!a first publish would replace a repository")
	do("check", "", "1 Kube checked against publish 1 of acme: 0 errors")
	do("publish", "", "Published 2 of acme")
	do("publish", "false", "Published 3 of acme")
	if said, code := s.kpmIndexer("audit", srv.URL); code != 0 {
		t.Error(said)
	}
	meta := filepath.Join(s.packages(), "hello/K3.yaml")
	text, err := os.ReadFile(meta)
	s.check(err)
	s.check(os.WriteFile(meta, append(text, "# more\n"...), 0o644))
	s.git("", "commit", "-qam", "changed")
	do("check", "", "!is published with other content: give the Kube a new version")
	s.check(os.WriteFile(meta, []byte(strings.Replace(string(text), "0.1.0", "0.2.0", 1)), 0o644))
	s.git("", "commit", "-qam", "next")
	do("check", "", "checked against publish 3 of acme: 0 errors")
	do("publish", "", "released hello 0.2.0")

	// A new release that failed its test: a push publishes nothing, and the daily run the rest.
	s.check(os.WriteFile(meta, []byte(strings.Replace(string(text), "0.1.0", "0.3.0", 1)), 0o644))
	s.failed("hello")
	s.git("", "add", ".")
	s.git("", "commit", "-qm", "bad")
	do("publish", "", "!hello/K3.yaml:3: version 0.3.0 failed its test on Kubernetes 1.36.3, and is not released: hook: no")
	do("check", "", "checked against publish 4 of acme: 0 errors")
	event = "schedule"
	do("publish", "", "!published without 1 refused Kube")
	do("check", "", "checked against publish 5 of acme: 0 errors")

	// Where main did not pass the jobs before, the daily run signs the head and releases nothing.
	event = "refused schedule"
	s.check(os.WriteFile(meta, []byte(strings.Replace(string(text), "0.1.0", "0.4.0", 1)), 0o644))
	s.git("", "commit", "-qam", "unchecked")
	do("publish", "", "!hello: version 0.4.0 is not released: new releases are held")
	do("check", "", "checked against publish 6 of acme: 0 errors")

	// A pull request is judged by what it changes.
	event = "pull_request"
	do("check", "", "1 Kube checked against publish 6 of acme: 0 errors")
	s.git("", "commit", "-q", "--allow-empty", "-m", "nothing")
	do("check", "", "0 Kubes checked against publish 6 of acme: 0 errors")

	installed, err := os.ReadFile(filepath.Join(s.dir, "installed"))
	s.check(err)
	for line := range strings.Lines(string(installed)) {
		if line != "install github.com/kpm-sh/kpm/cmd/kpm-indexer@v1.2.3\n" {
			t.Errorf("go %s", line)
		}
	}
}

// failed leaves evidence in the packages repository that a Kube failed, as a job before
// would beside it.
func (s *strangers) failed(name string) {
	s.t.Helper()
	subjects, err := (*indexer.MaintainOptions)(nil).Subjects(s.t.Context(), kubetest.Selection{Packages: os.DirFS(s.packages()), Names: []string{name}})
	s.check(err)
	file, statement, err := kubetest.Result{
		Name: name, Version: subjects[0].Version, Tar: subjects[0].Tar, Verdict: kubetest.Failed, Why: "hook: no",
		Server: "1.36.3", Nodes: kubetest.RealNodes, Kpm: "1.0.0", Steps: []kubetest.Step{{Name: "hook", Verdict: kubetest.Failed}},
	}.Evidence()
	s.check(err)
	s.write("repo/evidence/evidence-1.36/"+file, string(statement))
}

// TestWorkflowPins: nothing that the job with the key runs is named by what can
// be moved, and without a version it does not start.
func TestWorkflowPins(t *testing.T) {
	s := newStrangers(t)
	repo := filepath.Join(s.dir, "new")
	if said, code := s.kpmIndexer("init", repo, "--name", "acme"); code != 0 {
		t.Fatal(said)
	}
	var w workflow
	data, err := os.ReadFile(filepath.Join(repo, ".github/workflows/publish.yml"))
	s.check(err)
	s.check(yaml.Unmarshal(data, &w))
	pinned := regexp.MustCompile(`^(actions/[a-z-]+|helm/kind-action)@[0-9a-f]{40}$`)
	for name, job := range w.Jobs {
		for _, step := range job.Steps {
			if step.Uses != "" && !pinned.MatchString(step.Uses) {
				t.Errorf("%s uses %s", name, step.Uses)
			}
			if strings.Contains(step.Run, "latest") {
				t.Errorf("%s runs %s", name, step.Run)
			}
			if strings.Contains(step.Run, "go install") {
				out, err := exec.CommandContext(context.Background(), "sh", "-c", step.Run).CombinedOutput()
				if err == nil || !strings.Contains(string(out), "say which version of kpm-indexer to use") {
					t.Errorf("without a version: %v %s", err, out)
				}
			}
		}
	}
	if len(w.Jobs) != 3 {
		t.Errorf("%d jobs", len(w.Jobs))
	}
}
