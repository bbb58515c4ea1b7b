package main

import (
	"bytes"
	"context"
	"fmt"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// values are the flags that set values of a Kube's templates.
type values struct {
	Files     []string `short:"f" name:"values" sep:"none" placeholder:"FILE" help:"Values from a YAML file, - is standard input; the later over the earlier."`
	Set       []string `sep:"none" placeholder:"NAME=VALUE" help:"One value, over those of files, of the kind of the one that it replaces: a.b[0]=8080; a=null removes a default."`
	SetString []string `sep:"none" placeholder:"NAME=TEXT" help:"One value that is text, whatever it replaces."`
	SetJSON   []string `name:"set-json" sep:"none" placeholder:"NAME=JSON" help:"One value, a list or mapping too, in JSON."`
	SetFile   []string `sep:"none" placeholder:"NAME=FILE" help:"One value that is the text of a file."`
}

func (v values) client(std *stdio) client.Values {
	return client.Values{Files: v.Files, Set: v.Set, SetString: v.SetString, SetJSON: v.SetJSON, SetFile: v.SetFile, Stdin: std.in}
}

// given reports whether any is set.
func (v values) given() bool {
	return len(v.Files)+len(v.Set)+len(v.SetString)+len(v.SetJSON)+len(v.SetFile) > 0
}

type templateCmd struct {
	Kube      string `arg:"" help:"NAME, NAME@VERSION, REPO/NAME, ./DIR or FILE.tgz."`
	Raw       bool   `help:"Print the rendered text as it is, before YAML is read."`
	Namespace string `short:"n" type:"given" help:"Namespace of objects that name none, as far as it is known without a cluster that they live in one."`
	Output    string `short:"o" enum:"yaml,json" default:"yaml" help:"yaml or json."`
	Pre       bool   `help:"Take pre-releases too."`
	values
	imageFlags
	hookFlags
}

// Run prints what would be applied. It asks no cluster.
func (t templateCmd) Run(ctx context.Context, c *client.Client, std *stdio, s *settings) error {
	t.tell(c)
	ref, err := repos.ParseRef(t.Kube)
	if err != nil {
		return err
	}
	if t.Raw && t.Output == "json" {
		return usage("--raw is text as it is, before it is YAML or JSON")
	}
	if err := t.checkHook(); err != nil {
		return err
	}
	fetched, err := c.Preview(ctx, ref, t.client(std), t.Pre, orDefault(t.Namespace))
	if err != nil {
		return err
	}
	prepared, err := t.prepare(ctx, c, std, fetched, true, s.Yes)
	if err != nil {
		return err
	}
	rendered, err := prepared.Rendered(ctx)
	if err != nil {
		return err
	}
	if t.Raw {
		return write(std, raw(rendered.Files))
	}
	objects, err := rendered.Objects()
	if err != nil {
		return err
	}
	text, err := t.written(std, objects)
	if err != nil {
		return err
	}
	return write(std, text)
}

// written are the objects in the form that is wanted.
func (t templateCmd) written(std *stdio, objects []manifest.Object) ([]byte, error) {
	if t.Namespace != "" {
		var unknown []manifest.Object
		objects, unknown = manifest.InNamespace(objects, t.Namespace)
		for _, o := range unknown {
			std.step("%s: only a cluster knows whether it lives in a namespace", o)
		}
	}
	if len(objects) == 0 {
		std.step("there is nothing to apply")
	}
	if t.Output == "json" {
		return asList(objects)
	}
	return asDocuments(objects)
}

// raw is the text of all files, each under its path.
func raw(files []kube.File) []byte {
	var b bytes.Buffer
	for _, f := range files {
		fmt.Fprintf(&b, "---\n# %s\n%s", f.Path, f.Data)
		if !bytes.HasSuffix(f.Data, []byte("\n")) {
			b.WriteByte('\n')
		}
	}
	return b.Bytes()
}

// write writes an answer byte for byte, unless it goes to a terminal.
func write(std *stdio, text []byte) error {
	if std.outTerminal {
		text = []byte(kube.Clean(string(text), true))
	}
	_, err := std.out.Write(text)
	return err
}
