package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"sigs.k8s.io/yaml"
)

// forger writes to the control plane of the scripts past kpm, as somebody may who
// has a namespace there.
type forger struct {
	t   *testing.T
	api *apiServer
}

// expand reads a file of the script, with its variables.
func expand(ts *testscript.TestScript, file string) []byte {
	return []byte(os.Expand(ts.ReadFile(file), ts.Getenv))
}

// forge writes the record of a revision that is said to be installed: forge NAME
// REVISION FILE, where FILE is the record in JSON, or bomb for one that unpacks to
// 64 MiB.
func (f *forger) forge(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: forge NAME REVISION FILE|bomb")
	}
	name, number, file := args[0], args[1], args[2]
	text, notes := make([]byte, 64<<20), map[string]any{"repository": "forged"}
	if file != "bomb" {
		text = expand(ts, file)
		ts.Check(json.Unmarshal(text, &notes))
	}
	var record bytes.Buffer
	z := gzip.NewWriter(&record)
	_, err := z.Write(text)
	ts.Check(err)
	ts.Check(z.Close())
	sum := sha256.Sum256(record.Bytes())
	annotations := map[string]string{"kpm.sh/parts": "1", "kpm.sh/sha256": hex.EncodeToString(sum[:]), "kpm.sh/version": "1.0.0"}
	for _, key := range []string{"action", "version", "repository", "digest"} {
		if v, ok := notes[key].(string); ok {
			annotations["kpm.sh/"+key] = v
		}
	}
	f.create(ts, "/api/v1/namespaces/"+ts.Getenv("NS")+"/secrets", map[string]any{
		"apiVersion": "v1", "kind": "Secret", "type": "kpm.sh/installation", "data": map[string]any{"record": record.Bytes()},
		"metadata": map[string]any{
			"name": "kpm." + name + ".v" + number, "annotations": annotations,
			"labels": map[string]string{"kpm.sh/record": name, "kpm.sh/revision": number, "kpm.sh/status": "installed"},
		},
	})
}

// make makes an object: make PATH FILE, where FILE is in YAML.
func (f *forger) make(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: make PATH FILE")
	}
	var object map[string]any
	ts.Check(yaml.Unmarshal(expand(ts, args[1]), &object))
	f.create(ts, args[0], object)
}

// twice runs a command two times. The second changes nothing, says so, and leaves
// the history as it was: twice kpm install NAME.
func (f *forger) twice(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: twice COMMAND")
	}
	ts.Check(ts.Exec(args[0], args[1:]...))
	before := f.history(ts)
	ts.Check(ts.Exec(args[0], args[1:]...))
	if said := ts.ReadFile("stderr"); !strings.Contains(said, "---> Nothing changes: ") {
		ts.Fatalf("the second time it changes something")
	}
	if after := f.history(ts); after != before {
		ts.Fatalf("the history was\n%sand is\n%s", before, after)
	}
}

// history is every Secret of kpm in the namespace, with its version.
func (f *forger) history(ts *testscript.TestScript) string {
	var list struct {
		Items []struct {
			Metadata struct{ Name, ResourceVersion string }
		}
	}
	path := "/api/v1/namespaces/" + ts.Getenv("NS") + "/secrets"
	if code := f.api.ask(f.t, http.MethodGet, path, nil, &list); code != http.StatusOK {
		ts.Fatalf("GET %s: %d", path, code)
	}
	var all strings.Builder
	for _, s := range list.Items {
		if strings.HasPrefix(s.Metadata.Name, "kpm.") {
			fmt.Fprintf(&all, "%s %s\n", s.Metadata.Name, s.Metadata.ResourceVersion)
		}
	}
	return all.String()
}

// erase deletes an object: erase PATH.
func (f *forger) erase(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: erase PATH")
	}
	if code := f.api.ask(f.t, http.MethodDelete, args[0], nil, nil); code != http.StatusOK {
		ts.Fatalf("DELETE %s: %d", args[0], code)
	}
}

// patch merges fields into an object: patch PATH JSON.
func (f *forger) patch(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: patch PATH JSON")
	}
	if code := f.api.ask(f.t, http.MethodPatch, args[0], json.RawMessage(args[1]), nil); code != http.StatusOK {
		ts.Fatalf("PATCH %s: %d", args[0], code)
	}
}

func (f *forger) create(ts *testscript.TestScript, path string, object map[string]any) {
	if code := f.api.ask(f.t, http.MethodPost, path, object, nil); code != http.StatusCreated {
		ts.Fatalf("POST %s: %d", path, code)
	}
}

// there checks that an object is there, or is not: there PATH.
func (f *forger) there(ts *testscript.TestScript, neg bool, args []string) {
	want := http.StatusOK
	if neg {
		want = http.StatusNotFound
	}
	if code := f.api.ask(f.t, http.MethodGet, args[0], nil, nil); code != want {
		ts.Fatalf("GET %s: %d, want %d", args[0], code, want)
	}
}

// keeps sets a variable to a field of an object, or checks that the field still
// has that value: keeps VARIABLE PATH FIELD, as in metadata.uid.
func (f *forger) keeps(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: keeps VARIABLE PATH FIELD")
	}
	var object any
	if code := f.api.ask(f.t, http.MethodGet, args[1], nil, &object); code != http.StatusOK {
		ts.Fatalf("GET %s: %d", args[1], code)
	}
	for name := range strings.SplitSeq(args[2], ".") {
		if list, ok := object.([]any); ok {
			i, err := strconv.Atoi(name)
			ts.Check(err)
			object = list[i]
			continue
		}
		fields, _ := object.(map[string]any)
		object = fields[name]
	}
	got, want := fmt.Sprint(object), ts.Getenv(args[0])
	if want != "" && got != want {
		ts.Fatalf("%s of %s is %s, want %s", args[2], args[1], got, want)
	}
	ts.Setenv(args[0], got)
}
