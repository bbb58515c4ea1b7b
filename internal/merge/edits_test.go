package merge

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// web is a file of several objects, with a comment and a value for each edit below.
const web = `# The web server.
# Two objects and its settings.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app: web
    tier: front
  annotations:
    example.org/old: "true"
spec:
  # one is enough
  replicas: 1
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web, track: stable}
    spec:
      serviceAccountName: web
      initContainers:
      - name: migrate
        image: web:1
      containers:
      - name: web
        image: web:1
        args:
        - --listen=:8080
        - --log=info
        - --cache=1
        - --workers=1
        env:
        - name: LEVEL
          value: info
        - name: OLD
          value: "1"
        - name: ZONE
          value: a # the first one
        ports:
        - containerPort: 8080
          protocol: TCP
        resources:
          limits: {cpu: 1, memory: 1Gi}
        volumeMounts:
        - mountPath: /etc/web
          name: settings
      - name: logs
        image: logs:1
      - name: old
        image: old:1
      volumes:
      - name: settings
        configMap: {name: web}
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: {app: web}
  ports:
  - name: http
    port: 80
    protocol: TCP
    targetPort: 8080
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
data:
  web.conf: |
    listen 8080
    root /srv
    log info

    cache 1
    workers 1
  empty: ""
---
apiVersion: v1
kind: Secret
metadata:
  name: old
`

// independent are edits of web that have nothing to do with each other: whoever makes
// which, all of them are to be in the merged file.
var independent = []struct{ name, from, to string }{
	{"a value", "replicas: 1", "replicas: 5"},
	{"a comment", "# one is enough", "# as many as there are zones"},
	{"a comment at the top", "# Two objects and", "# Some objects and"},
	{"a comment beside a value", "serviceAccountName: web", "serviceAccountName: web # made by hand"},
	{"a label", "    tier: front\n", "    tier: front\n    team: shop\n"},
	{"a label in one line", "track: stable}", "track: stable, zone: b}"},
	{"an annotation that goes", "  annotations:\n    example.org/old: \"true\"\n", ""},
	{"a new field", "spec:\n      serviceAccountName", "spec:\n      hostNetwork: true\n      serviceAccountName"},
	{"an init container", "      containers:\n", "      - name: warm\n        image: warm:1\n      containers:\n"},
	{"the image of an init container", "migrate\n        image: web:1", "migrate\n        image: web:2"},
	{"the image of a container", "- name: web\n        image: web:1", "- name: web\n        image: web:2"},
	{"the image of another", "image: logs:1", "image: logs:2"},
	{"a container that goes", "      - name: old\n        image: old:1\n", ""},
	{"a container that comes", "      volumes:\n", "      - name: new\n        image: new:1\n      volumes:\n"},
	{"the first argument", "--listen=:8080", "--listen=:9090"},
	{"an argument that goes", "        - --cache=1\n", ""},
	{"a variable", "value: info", "value: debug"},
	{"a variable that goes", "        - name: OLD\n          value: \"1\"\n", ""},
	{"a variable that comes", "        ports:\n        - containerPort", "        - name: NEW\n          value: \"1\"\n        ports:\n        - containerPort"},
	{"a comment on a variable", "# the first one", "# the near one"},
	{"a port", "          protocol: TCP\n        resources", "          protocol: TCP\n        - containerPort: 9100\n          protocol: TCP\n        resources"},
	{"a limit", "cpu: 1,", "cpu: 4,"},
	{"another limit", "memory: 1Gi", "memory: 4Gi"},
	{"a mount", "          name: settings\n      - name: logs", "          name: settings\n        - mountPath: /tmp\n          name: scratch\n      - name: logs"},
	{"a volume", "        configMap: {name: web}\n", "        configMap: {name: web}\n      - name: scratch\n        emptyDir: {}\n"},
	{"a port of the Service", "targetPort: 8080", "targetPort: 9090"},
	{"another port of the Service", "  ports:\n  - name: http", "  ports:\n  - name: https\n    port: 443\n    protocol: TCP\n  - name: http"},
	{"a line of a text", "    listen 8080\n", "    listen 9090\n"},
	{"a later line of it", "    workers 1\n", "    workers 4\n"},
	{"an empty value", `empty: ""`, "empty: none"},
	{"an object that goes", "---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: old\n", ""},
	{"an object that comes", "---\napiVersion: v1\nkind: Service\n", "---\napiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: web\n---\napiVersion: v1\nkind: Service\n"},
}

// edited is web with some of the edits.
func edited(t *testing.T, numbers []int) string {
	t.Helper()
	text := web
	for _, i := range numbers {
		e := independent[i]
		if strings.Count(web, e.from) != 1 {
			t.Fatalf("%s: %q is %d times in the file", e.name, e.from, strings.Count(web, e.from))
		}
		text = strings.Replace(text, e.from, e.to, 1)
	}
	return text
}

// TestEachTwoEdits has the user make one edit and the release another, for each two that
// there are.
func TestEachTwoEdits(t *testing.T) {
	for one := range independent {
		for other := range one {
			mine, theirs := []int{one}, []int{other}
			if (one+other)%2 == 0 {
				mine, theirs = theirs, mine
			}
			checkEdits(t, mine, theirs)
		}
	}
}

// TestManyEdits deals all edits to the user, to the release, to both, or to nobody.
func TestManyEdits(t *testing.T) {
	rnd := rand.New(rand.NewPCG(8, 11))
	for range 50 {
		var mine, theirs []int
		for i := range independent {
			hand := rnd.IntN(4)
			if hand == 0 || hand == 2 {
				mine = append(mine, i)
			}
			if hand == 1 || hand == 2 {
				theirs = append(theirs, i)
			}
		}
		checkEdits(t, mine, theirs)
	}
}

// checkEdits wants the edits of both in the merged file: the same objects as if one had
// made them all, and all comments.
func checkEdits(t *testing.T, mine, theirs []int) {
	t.Helper()
	var all []int
	names := func(numbers []int) (names []string) {
		for _, i := range numbers {
			names = append(names, independent[i].name)
		}
		return names
	}
	for i := range independent {
		if slices.Contains(append(append([]int{}, mine...), theirs...), i) {
			all = append(all, i)
		}
	}
	want := edited(t, all)
	r := Merge("x.yaml", &File{Data: []byte(web)}, &File{Data: []byte(edited(t, mine))}, &File{Data: []byte(edited(t, theirs))})
	what := fmt.Sprintf("mine: %q; theirs: %q", names(mine), names(theirs))
	if r.Outcome == Conflict {
		t.Errorf("%s: %v", what, r.Clashes)
		return
	}
	got, ok := split(r.File.Data)
	whole, _ := split([]byte(want))
	if !ok || len(got) != len(whole) {
		t.Errorf("%s: %d objects, want %d", what, len(got), len(whole))
		return
	}
	for _, doc := range whole {
		if now := got.get(doc.key); now == nil || !equal(now, &doc) && meaning(now.text) != meaning(doc.text) {
			t.Errorf("%s: %s is\n%s\nwant\n%s", what, doc.name(), r.File.Data, doc.text)
		}
	}
	for line := range strings.Lines(want) {
		if _, comment, ok := strings.Cut(line, "#"); ok && !strings.Contains(string(r.File.Data), "#"+strings.TrimSuffix(comment, "\n")) {
			t.Errorf("%s: #%s is lost", what, comment)
		}
	}
}

// TestManyElements: a list of very many elements that have keys is merged element by element,
// in a time that grows with it: both give it one of the same key, in other places.
func TestManyElements(t *testing.T) {
	const many = 5_000
	file := func(change, added, at int) *File {
		var b strings.Builder
		b.WriteString("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n    - name: a\n      env:\n")
		for i := range many {
			value := "old"
			if i == change {
				value = "new"
			}
			if i == at {
				fmt.Fprintf(&b, "        - {name: X, value: %d}\n", added)
			}
			fmt.Fprintf(&b, "        - {name: A%d, value: %s}\n", i, value)
		}
		return &File{Data: []byte(b.String())}
	}
	got := Merge("manifests/a.yaml", file(-1, 0, -1), file(10, 1, 100), file(11, 1, 800))
	if len(got.Clashes) > 0 || strings.Count(string(got.File.Data), "name: X,") != 1 || strings.Count(string(got.File.Data), "value: new") != 2 {
		t.Errorf("clashes: %v", got.Clashes)
	}
	if got = Merge("manifests/a.yaml", file(-1, 0, -1), file(10, 1, 100), file(11, 2, 800)); len(got.Clashes) != 1 {
		t.Errorf("clashes: %v", got.Clashes)
	}
}
