// Package lint judges a Kube without a cluster, and tells what the index says about
// its objects.
//
// It reads every manifest and refuses files that do not parse, objects without
// apiVersion, kind or name, one object in two places, and what every server would
// refuse that the Kube is for (package admit). It renders every template with the
// Kube's default values, and with each file of values in tests/values laid over them,
// and judges what comes out. Where there are such files, the defaults alone need not
// suffice. A plain file beside a template must hold the objects that the template
// gives with the defaults. What is in tests must be Jobs and Pods.
//
// It warns of what is not good practice. The table in rules.go has all rules; a comment in a file
// waives one that warns (waive.go).
package lint

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/images"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/manifest"
	"github.com/kpm-sh/kpm/internal/render"
)

// Facts are what the index says about the objects of a Kube; all are sorted and have no
// entry twice. Images includes those that K3.yaml names, TestImages are the others that
// tests need.
type Facts struct {
	Kinds      []string
	Images     []string
	TestImages []string

	// Shares says that objects take what there is once in a cluster, for all its namespaces:
	// they name a namespace, or a port of each node, or an address. Kinds say more.
	Shares bool
}

// Kube judges the objects of k. Facts are whole when Problems has no error. Rendering
// ends with ctx, and all that is rendered shares one budget (render.WithBudget).
func Kube(ctx context.Context, k *kube.Kube) (Facts, kube.Problems) {
	ctx, cancel := render.WithBudget(ctx)
	defer cancel()
	j := &judge{kube: k, servers: serversOf(k), kinds: map[string]bool{}, images: map[string]bool{}, used: map[use]bool{}}
	for _, ref := range k.Images {
		j.images[ref] = true
	}
	first := places{}
	var plain []manifest.Object
	for _, f := range k.Manifests() {
		plain = append(plain, j.file(f, first)...)
	}
	j.waivers()
	scene := j.scene(plain, nil)
	j.problems = append(j.problems, judged(scene, all)...)
	j.problems = append(j.problems, templateFiles(scene)...)
	j.problems = append(j.problems, scripts(scene)...)
	if j.servers.older {
		j.problems = append(j.problems, unserved(k)...)
	}
	j.problems = append(j.problems, scene.waived(append(license(k), namedImages(k)...))...)
	j.templates(ctx, k)
	tests, ps := Tests(k)
	j.problems = append(j.problems, ps...)
	j.problems = append(j.problems, refused(j.scene(tests, nil))...)
	var tested []string
	for _, o := range tests {
		if o.Namespace != "" {
			j.problems = append(j.problems, kube.Problem{Path: o.Path, Line: o.Line, Message: fmt.Sprintf("%s names a namespace, and tests run in that of the installation", o)})
		}
		tested = append(tested, images.Of(o)...)
	}
	slices.Sort(tested)
	j.problems = scene.waived(j.problems)
	j.problems = append(j.problems, scene.waived(j.unused())...)
	j.problems.Sort()
	return Facts{
		Kinds:      slices.Sorted(maps.Keys(j.kinds)),
		Images:     slices.Sorted(maps.Keys(j.images)),
		TestImages: slices.DeleteFunc(slices.Compact(tested), func(ref string) bool { return j.images[ref] }),
		Shares:     j.shares,
	}, slices.Compact(j.problems)
}

// judge gathers what is found in one Kube.
type judge struct {
	kube          *kube.Kube
	servers       servers
	kinds, images map[string]bool
	shares        bool
	used          map[use]bool // waivers
	problems      kube.Problems
}

// scene is where objects are judged; files are what templates gave.
func (j *judge) scene(objects []manifest.Object, files []kube.File) *scene {
	text := func(path string) []byte {
		for _, f := range files {
			if f.Path == path {
				return f.Data
			}
		}
		data, _ := j.kube.File(path)
		return data
	}
	return &scene{objects: objects, servers: j.servers, custom: defined(objects), lines: map[string]*manifest.Lines{}, waivers: map[string]map[string][]span{}, used: j.used, text: text, kube: j.kube}
}

func all(manifest.Object) bool { return true }

// waivers refuses waivers that waive nothing that there is.
func (j *judge) waivers() {
	for _, f := range j.kube.Files {
		if f.Path == kube.MetaPath || strings.HasPrefix(f.Path, "manifests/") {
			_, ps := readWaivers(f.Path, f.Data)
			j.problems = append(j.problems, ps...)
		}
	}
}

// unused warns of waivers that waived nothing, whatever values were given. A template's
// are those of what it gives.
func (j *judge) unused() kube.Problems {
	var ps kube.Problems
	for _, f := range j.kube.Files {
		spans, _ := readWaivers(f.Path, f.Data) //nolint:errcheck // which was told
		if f.Path != kube.MetaPath && !strings.HasPrefix(f.Path, "manifests/") {
			continue
		}
		for _, w := range spans {
			if !j.used[use{strings.TrimSuffix(f.Path, ".tmpl"), w.rule}] && !j.used[use{f.Path, w.rule}] {
				ps = append(ps, kube.Problem{Path: f.Path, Line: w.line, Warning: true, Rule: "unused-waiver", Message: fmt.Sprintf("kpm:allow %s waives nothing here: leave it out", w.rule)})
			}
		}
	}
	return ps
}

// file judges one plain manifest, and returns its objects.
func (j *judge) file(f kube.File, first places) []manifest.Object {
	objects, ps := manifest.Decode(f.Path, f.Data)
	j.problems = append(j.problems, ps...)
	for _, o := range objects {
		j.problems = append(j.problems, first.check(o)...)
		j.note(o)
	}
	return objects
}

func (j *judge) note(o manifest.Object) {
	j.kinds[o.Kind] = true
	j.shares = j.shares || o.Namespace != "" || takes(o.Value)
	for _, ref := range images.Of(o) {
		j.images[ref] = true
	}
}

// takes reports whether a value has a port of each node or an address of the cluster.
func takes(value any) bool {
	switch v := value.(type) {
	case []any:
		return slices.ContainsFunc(v, takes)
	case map[string]any:
		for key, below := range v {
			switch key {
			case "nodePort", "hostPort", "healthCheckNodePort", "loadBalancerIP":
				return true
			case "clusterIP":
				if below != "None" {
					return true
				}
			}
			if takes(below) {
				return true
			}
		}
	}
	return false
}

// reserved refuses what would lie where kpm keeps its revisions.
func reserved(o manifest.Object) kube.Problems {
	if !manifest.Reserved(o.APIVersion, o.Kind, o.Name) {
		return nil
	}
	return kube.Problems{{Path: o.Path, Line: o.Line, Message: fmt.Sprintf("%s has a name that kpm keeps for itself: its revisions lie in Secrets kpm.NAME.vN", o)}}
}

// places are where each object was seen first. The version of its API does not
// tell two objects apart: the cluster keeps one for all versions of a group.
type places map[object]string

type object struct{ group, kind, namespace, name string }

func (ps places) check(o manifest.Object) kube.Problems {
	key := object{manifest.GroupOf(o.APIVersion), o.Kind, o.Namespace, o.Name}
	if place, ok := ps[key]; ok {
		return kube.Problems{{
			Path:    o.Path,
			Line:    o.Line,
			Message: fmt.Sprintf("%s is there twice, first in %s", o, place),
		}}
	}
	ps[key] = fmt.Sprintf("%s:%d", o.Path, o.Line)
	return reserved(o)
}

// sortedKeys are the keys of both mappings.
func sortedKeys(a, b map[string]any) []string {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(keys)
	return slices.Compact(keys)
}
