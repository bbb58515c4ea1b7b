//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// TestE2EIndexedJob applies the Job of docs/publish.md to the control plane, which makes a
// pod for each part, and does what their containers are told: all Kubes are tested, each
// once.
func TestE2EIndexedJob(t *testing.T) {
	kubeconfig := os.Getenv("KPM_E2E_KUBECONFIG")
	if kubeconfig == "" {
		if os.Getenv("KPM_E2E") == "required" {
			t.Fatal("KPM_E2E_KUBECONFIG is not set")
		}
		t.Skip("no control plane: KPM_E2E_KUBECONFIG is not set")
	}
	bin, err := filepath.Abs("../../bin")
	if err != nil {
		t.Fatal(err)
	}
	dir, text := t.TempDir(), scaled(t, "kind: Job")
	put := func(path, text string) {
		t.Helper()
		at := filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sh := func(script string, env ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "sh", "-euc", script)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), append(env, "KUBECONFIG="+kubeconfig, "KPM_HOME="+filepath.Join(dir, "home"), "PATH="+bin+":"+os.Getenv("PATH"))...)
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v\n%s", script, err, out)
		}
		return string(out)
	}
	put("job/K3.yaml", "name: job\nversion: 1.0.0\ndescription: Tests\n")
	put("job/manifests/job.yaml", text)
	names := []string{"one", "two", "three", "four", "five", "six"}
	for _, name := range names {
		put("packages/"+name+"/K3.yaml", "name: "+name+"\nversion: 1.0.0\ndescription: A Kube\n")
		put("packages/"+name+"/manifests/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "+name+"}\n")
	}
	sh("kpm install ./job -n indexed --create-namespace --no-wait -y")
	defer sh("kpm uninstall job -n indexed -y --no-wait")
	var job struct {
		Spec struct {
			Completions int
			Template    struct {
				Spec struct {
					Containers []struct{ Command, Args []string }
				}
			}
		}
	}
	if err := yaml.Unmarshal([]byte(text), &job); err != nil {
		t.Fatal(err)
	}
	for range time.Tick(200 * time.Millisecond) {
		var there struct{ Objects []struct{ Kind, Name string } }
		if err := json.Unmarshal([]byte(sh("kpm __contents -n indexed -o json")), &there); err != nil {
			t.Fatal(err)
		}
		parts := map[string]bool{}
		for _, o := range there.Objects {
			if rest, ok := strings.CutPrefix(o.Name, "tests-"); ok && o.Kind == "Pod" {
				index, _, _ := strings.Cut(rest, "-")
				parts[index] = true
			}
		}
		if len(parts) == job.Spec.Completions {
			break
		}
	}
	container := job.Spec.Template.Spec.Containers[0]
	for i := range job.Spec.Completions {
		sh(strings.Join(container.Args, " "), fmt.Sprintf("JOB_COMPLETION_INDEX=%d", i))
	}
	found, err := filepath.Glob(filepath.Join(dir, "evidence", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	var tested []string
	for _, file := range found {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if strings.Contains(string(data), `"`+name+`-1.0.0.tar"`) {
				tested = append(tested, name)
			}
		}
	}
	slices.Sort(names)
	if slices.Sort(tested); !slices.Equal(tested, names) {
		t.Errorf("tested: %v", tested)
	}
}
