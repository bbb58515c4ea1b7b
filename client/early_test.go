package client

import (
	"errors"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/sharedtest"
)

// What is refused whatever the hook gives is refused before the hook runs, and before
// anybody is asked to agree to it.
func TestRefusedBeforeTheHook(t *testing.T) {
	const object = "apiVersion: %\nkind: ConfigMap\nmetadata: {name: a}\n"
	for name, c := range map[string]struct {
		namespace string
		create    bool // the namespace
		set       string
		denied    string
		object    string // beside the one that needs what the hook sets
		want      string // "" is that the hook may run
	}{
		"nothing":                {namespace: "web"},
		"no namespace":           {namespace: "none", want: "there is no namespace none"},
		"a namespace to make":    {namespace: "none", create: true},
		"a bad value":            {namespace: "web", set: "port=text", want: "port: got string, want number"},
		"an unknown value":       {namespace: "web", set: "prot=1", want: "prot: is not a value of this Kube"},
		"a value that is needed": {namespace: "web", set: "password=text"},
		"a kind of nobody":       {namespace: "web", object: strings.Replace(object, "%", "e.com/v1", 1), want: "e.com/v1"},
		"an object of mine":      {namespace: "web", object: strings.Replace(object, "%", "v1", 1)},
		"no right to it":         {namespace: "web", object: strings.Replace(object, "%", "v1", 1), denied: "configmaps", want: "you may not patch it"},
		"no right to a record":   {namespace: "web", denied: "secrets", want: "you may not create Secrets in namespace web"},
	} {
		t.Run(name, func(t *testing.T) {
			s, k := connected(t)
			if c.denied != "" {
				s.Deny(c.denied)
			}
			files := kubeFiles("a", map[string]string{
				kube.HookPath:           "print()\n",
				kube.SchemaPath:         `{"properties": {"port": {"type": "number"}, "password": {"type": "string"}}, "required": ["password"], "additionalProperties": false}`,
				kube.ValuesPath:         "port: 80\n",
				"manifests/b.yaml.tmpl": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\ndata: {p: {{ port | to_json }}}\n",
			})
			if c.object != "" {
				files["manifests/a.yaml"] = c.object
			}
			dir := t.TempDir()
			for path, text := range files {
				sharedtest.Write(t, dir+"/"+path, text)
			}
			o := Options{CreateNamespace: c.create, Holder: history.Here("run", "tester")}
			if c.set != "" {
				o.Values.SetString = []string{c.set}
			}
			source, err := newClient(t).Install(t.Context(), k, c.namespace, repos.Ref{Path: dir}, o)
			must(t, err)
			fetched, err := source.Fetch(t.Context())
			must(t, err)
			h, err := fetched.Hook()
			must(t, err)
			err = h.CanRun(t.Context())
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if c.denied != "" && !errors.Is(err, api.ErrForbidden) {
				t.Errorf("got %v, want ErrForbidden", err)
			}
		})
	}
}
