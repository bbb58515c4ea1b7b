package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// canaries are values that must be in no output, by where they are.
type canaries map[string]string

func (c canaries) hatch(where string) string {
	c[where] = "canary" + strings.ToLower(rand.Text())
	return c[where]
}

// escaped looks for canaries, as they are, in base64, and in what the template makes
// of them, and for the longer part of each: a text may be cut.
func (c canaries) escaped(t *testing.T, args []string, text string) {
	t.Helper()
	for where, canary := range c {
		reversed := []byte(canary)
		slices.Reverse(reversed)
		digest := fmt.Sprintf("%x", sha256.Sum256([]byte(canary)))
		for _, form := range []string{
			canary[:16], base64.StdEncoding.EncodeToString([]byte(canary))[:16], base64.StdEncoding.EncodeToString([]byte("user:" + canary))[:16],
			strings.ToUpper(canary[:16]), string(reversed[:16]), digest[:16],
		} {
			if strings.Contains(text, form) {
				t.Errorf("kpm %v prints the canary of %s: %s", args, where, text)
			}
		}
	}
}

// The values of Secrets, of the user and of hooks are in no output of any command
// but template, whether it succeeds, is refused or fails.
func TestE2ECanary(t *testing.T) {
	t.Parallel()
	controlPlane(t)
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("there is no python3 for the hook")
	}
	c := canaries{}
	g := newGuest(t, t.TempDir())
	run := func(want int, args ...string) string {
		t.Helper()
		if args[0] == "upgrade" || args[0] == "rollback" {
			args = append(slices.Clip(args), "--accept-recorded", g.namespace+"/aviary")
		}
		out, notes, code := g.run(t, args...)
		if code != want {
			t.Errorf("kpm %v: exit code %d, want %d: %s%s", args, code, want, out, notes)
		}
		c.escaped(t, args, out+notes)
		return out + notes
	}
	both := func(want int, args ...string) {
		t.Helper()
		run(want, args...)
		run(want, append(args, "-o", "json")...)
	}
	one, two := aviary(t, c, "1.0.0"), aviary(t, c, "2.0.0")
	set := []string{"--set", "free=" + c.hatch("--set"), "--set-string", "text=" + c.hatch("--set-string"), "-f", valuesFile(t, "file: "+c.hatch("-f"))}
	more := []string{"--set", "free=" + c.hatch("a later --set")}

	install := append([]string{"install", one, "--create-namespace", "-y"}, set...)
	run(exitDone, append(install, "--dry-run=client")...)
	both(exitDone, append(install, "--dry-run=server")...)
	both(exitDone, append(install, "--dry-run=server", "--with-hooks")...)
	run(exitDone, install...)
	both(exitDone, install...)
	if text := g.must(t, append([]string{"template", one}, set...)...); !strings.Contains(text, c["--set"]) {
		t.Errorf("template: %s", text)
	}
	upgrade := append([]string{"upgrade", two, "-y"}, more...)
	both(exitFailed, append([]string{"diff", two}, more...)...)
	both(exitDone, append(upgrade, "--dry-run=server")...)
	both(exitDone, upgrade...)
	for _, args := range [][]string{{"status", "aviary"}, {"history", "aviary"}, {"list"}, {"list", "-A"}} {
		both(exitDone, args...)
	}
	both(exitDone, "upgrade", two, "-y", "--dry-run=server", "--reset-values")
	both(exitFailed, "diff", one)
	both(exitDone, "rollback", "aviary", "-y", "--dry-run=server")
	both(exitDone, "rollback", "aviary", "-y")

	// What is refused: the values are where a number, a key or a field has to be. What
	// they make into a name or a kind is shown: it says which object is meant.
	for _, bad := range []string{"port", "key", "field", "schema"} {
		both(exitFailed, "upgrade", one, "-y", "--set-string", bad+"="+c.hatch(bad), "--set", "bad="+bad)
	}
	run(exitConflict, append([]string{"install", one}, more...)...)

	// What does not get ready, and what cannot be changed then: the server shows what it
	// was, which is of a revision that has failed.
	for _, stuck := range []string{"node", "image"} {
		both(exitTimeout, "upgrade", one, "-y", "--set", stuck+"="+c.hatch(stuck), "--set", "stuck="+stuck, "--timeout", "3s")
		both(exitFailed, "status", "aviary")
		both(exitFailed, "upgrade", one, "-y", "--set", stuck+"="+c.hatch(stuck+" again"), "--set", "stuck="+stuck)
		both(exitDone, "upgrade", one, "-y", "--set", "stuck=none")
	}
	run(exitTimeout, "upgrade", one, "-y", "--set", "node="+c.hatch("node at last"), "--set", "stuck=node", "--timeout", "3s", "--rollback-on-failure")

	// What a policy says of what it refuses.
	g.put(t, obstacle{policies + "validatingadmissionpolicies", `{metadata: {name: NS}, spec: {matchConstraints: {` + namedNS + `,
resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [UPDATE], resources: [secrets, configmaps]}]},
matchConditions: [{name: records, expression: "!object.metadata.name.startsWith('kpm.')"}],
validations: [{expression: "false", messageExpression: "'refused: ' + object.data.map(k, object.data[k]).join(' ')"}]}}`})
	g.put(t, obstacle{policies + "validatingadmissionpolicybindings", "{metadata: {name: NS}, spec: {policyName: NS, validationActions: [Deny]}}"})
	defer g.away(t, []obstacle{{path: policies + "validatingadmissionpolicies"}, {path: policies + "validatingadmissionpolicybindings"}})
	for said := ""; !strings.Contains(said, "refused: "); { // until the server has noticed
		_, said, _ = g.run(t, "upgrade", one, "-y", "--dry-run=server", "--set", "free="+c.hatch("what is refused"))
		c.escaped(t, []string{"upgrade"}, said)
	}
	both(exitFailed, "upgrade", one, "-y", "--set", "free="+c.hatch("what is refused again"))
	run(exitDone, "uninstall", "aviary", "-y", "-o", "json")
}

func valuesFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "values.yaml")
	if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// aviary is the folder of a Kube that has canaries wherever values can be.
func aviary(t *testing.T, c canaries, version string) string {
	t.Helper()
	dir := written(t, "aviary", version, `
apiVersion: v1
kind: Secret
metadata: {name: own}
stringData: {s: `+c.hatch("stringData of "+version)+`}
data: {d: `+base64.StdEncoding.EncodeToString([]byte(c.hatch("data of "+version)))+`}
`)
	for path, text := range map[string]string{
		"values.yaml":        "free: none\ntext: none\nfile: none\nhooked: none\nport: 80\nkey: fine\nfield: data\nschema: 1\nnode: none\nimage: a\nstuck: none\nbad: none\n",
		"values.schema.json": `{"type": "object", "properties": {"schema": {"type": "integer"}}}`,
		"manifests/b.yaml.tmpl": `
apiVersion: v1
kind: Secret
metadata: {name: values}
stringData: {free: {{ free | to_json }}, text: {{ text | to_json }}, file: {{ file | to_json }}, hooked: {{ hooked | to_json }}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: values, annotations: {free: {{ free | to_json }}}}
{{ field }}: {version: "` + version + `", free: "url://{{ free }}@host", text: {{ text | to_json }}, file: {{ file | to_json }}, hooked: {{ hooked | to_json }},
  capitals: {{ free | upper | to_json }}, backwards: {{ hooked | reverse | to_json }}, digest: {{ text | sha256 }}, pair: {{ ("user:" ~ file) | b64encode }}, {{ key if bad != "key" else key ~ "/" }}: fine}
---
apiVersion: v1
kind: Service
metadata: {name: values}
spec: {ports: [{port: {{ port if bad == "port" else 80 }}}]}
{% if stuck != "none" %}
---
apiVersion: v1
kind: Pod
metadata: {name: stuck}
spec:
  {% if stuck == "node" %}
  nodeSelector: {node: {{ node | to_json }}}
  {% else %}
  schedulingGates: [{name: example.com/{{ image }}}]
  {% endif %}
  containers: [{name: main, image: {{ image | to_json }}, env: [{name: free, value: {{ free | to_json }}}]}]
{% endif %}
`,
		"scripts/pre-install.py": "print('made one')\nopen('hook-values.yaml', 'w').write('hooked: " + c.hatch("the hook of "+version) + "\\n')\n",
	} {
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
