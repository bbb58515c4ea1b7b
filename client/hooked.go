package client

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/hook"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/render"
)

// hooked is what the hook of a Kube has given. The zero value is that of a Kube
// without one.
type hooked struct {
	digest index.Digest // of the hook
	values index.Digest // of the values that it was run with
	wrote  []kube.File
	kept   bool          // it wrote that in another run, which a record says
	layer  *render.Layer // what it set; nil: nothing
}

// files are what it wrote, as they are remembered.
func (h hooked) files() map[string][]byte {
	if len(h.wrote) == 0 {
		return nil
	}
	all := map[string][]byte{}
	for _, f := range h.wrote {
		all[f.Path] = f.Data
	}
	return all
}

// over gives k with what the hook wrote.
func (h hooked) over(k *kube.Kube) *kube.Kube {
	if len(h.wrote) == 0 {
		return k
	}
	written := func(path string) bool {
		return slices.ContainsFunc(h.wrote, func(f kube.File) bool { return f.Path == path })
	}
	out := &kube.Kube{Meta: k.Meta}
	for _, f := range k.Files {
		if !written(f.Path) {
			out.Files = append(out.Files, f)
		}
	}
	out.Files = append(out.Files, h.wrote...)
	slices.SortFunc(out.Files, func(a, b kube.File) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// under gives the layers of the user with what the hook set over them.
func (h hooked) under(own []render.Layer) []render.Layer {
	if h.layer == nil {
		return own
	}
	return append(own[:len(own):len(own)], *h.layer)
}

// HookRun is what a hook needs of the process that runs it.
type HookRun struct {
	Self  string   // path of the program
	In    *os.File // a terminal; nil: nobody answers
	Out   io.Writer
	Width int
	Allow index.Digest // may run unconfined
}

// Hook prepares the hook of the Kube, if it has one. It gives the question that
// has to be answered before it runs, and whether it has to run: with the files
// and the values of last time, what it wrote then still counts.
//
// A rollback runs none: what it wrote for that revision is in the record.
func (in *Installing) Hook() (q *Question, run bool, err error) {
	if in.back != nil {
		in.rehook()
		return nil, false, nil
	}
	if _, ok := in.taken.Kube.Hook(); !ok {
		return nil, false, nil
	}
	values, err := in.values()
	if err != nil {
		return nil, false, err
	}
	in.hook = hooked{digest: hook.DigestOf(in.taken.Kube), values: index.DigestOf(values)}
	if in.unkept != nil {
		return nil, false, in.unkept
	}
	if r := in.kept; r != nil && r.HookDigest == string(in.hook.digest) && r.HookValues == string(in.hook.values) {
		in.hook.kept = len(r.HookFiles) > 0
		return nil, false, in.hook.took(filesOf(r.HookFiles))
	}
	q, err = in.asking()
	return q, err == nil, err
}

// publisher says who answers for what was taken.
func (t *Taken) publisher() string {
	switch {
	case t.Release != nil:
		return fmt.Sprintf("published in repository %s, signed by %s", t.Release.Repository.Alias, t.Release.Signer)
	case t.Copy != nil:
		return "of your copy"
	}
	return "for which nobody vouches"
}

// HookRuns is an error where the hook could not even begin: that is found out
// before anybody is asked to agree to it.
func (in *Installing) HookRuns() error {
	if err := hook.HasPython(hook.Python()); err != nil {
		return fmt.Errorf("running the hook of %s: %w", in.ID.Name, err)
	}
	return nil
}

// RunHook runs the hook, confined to a copy of the Kube, and keeps what it gives.
func (in *Installing) RunHook(ctx context.Context, r HookRun) error {
	values, err := in.values()
	if err != nil {
		return err
	}
	if err := in.client.Home.Make(in.client.Home.Hooks()); err != nil {
		return err
	}
	call := hook.Call{
		Kube: in.taken.Kube, Action: in.action, Namespace: in.ID.Namespace, Values: values, Python: hook.Python(),
		Self: r.Self, Dir: in.client.Home.Hooks(), In: r.In, Out: r.Out, Width: r.Width, Allow: r.Allow,
	}
	if in.kept != nil {
		call.Previous = filesOf(in.kept.HookFiles)
	}
	in.client.note(fmt.Sprintf("Running the hook of %s", in.ID.Name))
	result, err := hook.Run(ctx, call)
	if err != nil {
		return err
	}
	in.client.note(fmt.Sprintf("The hook was %s", result.Level))
	return in.hook.took(result.Files)
}

// took keeps what a hook wrote.
func (h *hooked) took(files []kube.File) error {
	h.wrote = files
	for _, f := range files {
		if f.Path != hook.ValuesPath {
			continue
		}
		l, err := render.ParseValues(hook.ValuesPath, f.Data)
		if err != nil {
			return err
		}
		h.layer = &l
	}
	return nil
}

// values are all values but the hook's, as JSON.
func (in *Installing) values() ([]byte, error) {
	defaults, err := render.Defaults(in.taken.Kube)
	if err != nil {
		return nil, err
	}
	own, err := layersFor(in.taken.Kube, in.own)
	if err != nil {
		return nil, err
	}
	return render.JSON(render.Merge(append([]render.Layer{defaults}, own...)...))
}

// filesOf are remembered files, ascending by path.
func filesOf(remembered map[string][]byte) []kube.File {
	var files []kube.File
	for path, data := range remembered {
		files = append(files, kube.File{Path: path, Data: data})
	}
	slices.SortFunc(files, func(a, b kube.File) int { return strings.Compare(a.Path, b.Path) })
	return files
}
