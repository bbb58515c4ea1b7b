package plan

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// makeDesired makes ready what is to be applied. Objects are copied, not changed. What cannot
// be applied comes back as refusals.
func makeDesired(ctx context.Context, c *api.Client, objects []manifest.Object, r Request) ([]*desired, []Refusal, error) {
	defined := definitions(objects, r.After)
	maps.DeleteFunc(defined, func(_ string, r api.Resource) bool {
		if !r.Unknown() {
			return false
		}
		all, err := c.AllKinds(ctx)
		return err == nil && all.Has(api.JoinVersion(r.Group, r.Version)) // an error is met again by each object
	})
	var ready []*desired
	var refused []Refusal
	sources := map[string]string{}
	for _, o := range objects {
		d, err := desireOne(ctx, c, o, r.Installation, defined)
		if errors.Is(err, api.ErrNotFound) && r.Formerly {
			d, err = desireServed(ctx, c, o, r.Installation, err)
		}
		if err != nil && !errors.Is(err, api.ErrNotFound) && !errors.Is(err, api.ErrRefused) {
			return nil, nil, err
		}
		if err != nil {
			ref := api.Ref{APIVersion: o.APIVersion, Kind: o.Kind, Namespace: o.Namespace, Name: o.Name}
			refused = append(refused, Refusal{Ref: ref, Source: source(o), Code: CodeInvalid, Reason: err.Error()})
			continue
		}
		if first, twice := sources[d.ref.Key()]; twice {
			refused = append(refused, Refusal{Ref: d.ref, Source: d.source, Code: CodeInvalid, Reason: "it is there twice, first in " + first})
			continue
		}
		sources[d.ref.Key()] = d.source
		ready = append(ready, d)
	}
	return ready, refused, nil
}

func desireOne(ctx context.Context, c *api.Client, o manifest.Object, i api.Installation, defined map[string]api.Resource) (*desired, error) {
	d := &desired{source: source(o)}
	var err error
	d.resource, err = c.Resource(ctx, o.APIVersion, o.Kind)
	if errors.Is(err, api.ErrNotFound) {
		if r, ok := definedAs(defined, o); ok {
			d.resource, d.offline, err = r, true, nil
		}
	}
	if err != nil {
		return nil, err
	}
	d.ref = api.Ref{APIVersion: o.APIVersion, Kind: o.Kind, Namespace: o.Namespace, Name: o.Name}
	if d.resource.Namespaced && d.ref.Namespace == "" {
		d.ref.Namespace = i.Namespace
	}
	if !d.resource.Namespaced {
		d.ref.Namespace = ""
	}
	if err := d.ref.Check(); err != nil {
		return nil, api.Fault(err.Error(), api.ErrRefused)
	}
	if d.ref.Is("", "Secret") && (object.Text(o.Value, "type") == api.RecordType || object.Text(o.Value, "type") == api.PartType) {
		return nil, api.Fault("a Secret of type "+object.Text(o.Value, "type")+" is kpm's own", api.ErrRefused)
	}
	if manifest.Reserved(d.ref.APIVersion, d.ref.Kind, d.ref.Name) {
		return nil, api.Fault("the names kpm.NAME.vN of Secrets are kpm's own: its revisions lie there", api.ErrRefused)
	}
	d.value, err = withLabels(o.Value, d.ref, i)
	return d, err
}

// desireServed makes ready an object in a version that the cluster no longer serves: as
// one of a version that it does. Whether it says the same there is for the dry run to
// find out, which takes no field that the other version does not have. missing is the
// error where there is none.
func desireServed(ctx context.Context, c *api.Client, o manifest.Object, i api.Installation, missing error) (*desired, error) {
	r, err := c.Served(ctx, api.Ref{APIVersion: o.APIVersion, Kind: o.Kind})
	if err != nil {
		return nil, missing
	}
	now := o
	now.APIVersion = r.APIVersion()
	d, err := desireOne(ctx, c, now, i, nil)
	if err != nil {
		return nil, err
	}
	d.value["apiVersion"], d.formerly = now.APIVersion, o.APIVersion
	return d, nil
}

func source(o manifest.Object) string {
	if o.Path == "" || o.Line == 0 {
		return o.Path
	}
	return fmt.Sprintf("%s:%d", o.Path, o.Line)
}

// withLabels copies an object for the installation: its namespace and our labels in,
// out with what only the server writes.
func withLabels(value map[string]any, ref api.Ref, i api.Installation) (map[string]any, error) {
	v := runtime.DeepCopyJSON(value)
	meta := object.Ensure(v, "metadata")
	for _, field := range []string{"managedFields", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "selfLink"} {
		delete(meta, field)
	}
	delete(v, "status")
	delete(meta, "ownerReferences") // UIDs of the cluster that it was exported from
	delete(object.Map(meta, "annotations"), annotationInputs)
	delete(meta, "namespace")
	if ref.Namespace != "" {
		meta["namespace"] = ref.Namespace
	}
	if _, ok := meta["labels"].(map[string]any); meta["labels"] != nil && !ok {
		return nil, api.Fault("metadata.labels is not a mapping", api.ErrRefused)
	}
	labels := object.Ensure(meta, "labels")
	defaultLabels(ref, v, labels)
	labels[api.LabelInstallation] = i.Name
	labels[api.LabelNamespace] = i.Namespace
	if ref.Is("", "Secret") {
		return v, encodeStringData(v)
	}
	return v, nil
}

// defaultLabels gives an object without labels those that the server gives it, which
// it would not do any more once ours are there: of Kubernetes' kinds, these two get
// the labels of their pods (k8s.io/kubernetes/pkg/apis/{core,batch}/v1/defaults.go).
func defaultLabels(ref api.Ref, whole, labels map[string]any) {
	if len(labels) > 0 || !ref.Is("", "ReplicationController") && !ref.Is("batch", "Job") {
		return
	}
	maps.Copy(labels, object.Map(whole, "spec", "template", "metadata", "labels"))
}

// encodeStringData moves stringData into data: a key that is dropped from
// stringData would otherwise stay in the cluster for ever.
func encodeStringData(secret map[string]any) error {
	plain, ok := secret["stringData"].(map[string]any)
	delete(secret, "stringData")
	if !ok || len(plain) == 0 {
		return nil
	}
	data := object.Ensure(secret, "data")
	for _, key := range slices.Sorted(maps.Keys(plain)) {
		s, ok := plain[key].(string)
		if !ok {
			return api.Fault("stringData."+key+" is not a text", api.ErrRefused)
		}
		data[key] = base64.StdEncoding.EncodeToString([]byte(s))
	}
	return nil
}

// definitions are the kinds that the CRDs among objects define, and those that
// come with earlier plans.
func definitions(objects []manifest.Object, before []*Plan) map[string]api.Resource {
	defined := map[string]api.Resource{}
	for _, p := range before {
		for _, d := range p.objects {
			define(defined, d.value)
		}
	}
	for _, o := range objects {
		define(defined, o.Value)
	}
	return defined
}

// definedAs is the kind of an object that comes with the plan. Of an API that a server of
// the plan answers for, its kinds are known when that does.
func definedAs(defined map[string]api.Resource, o manifest.Object) (api.Resource, bool) {
	if r, ok := defined[o.APIVersion+" "+o.Kind]; ok {
		return r, true
	}
	r, ok := defined[o.APIVersion+" *"]
	r.Kind = o.Kind
	return r, ok
}

// define notes the kinds that an object defines, if it is a CRD, or that there will be
// kinds, if it is an APIService.
func define(defined map[string]api.Resource, whole map[string]any) {
	spec := object.Map(whole, "spec")
	if object.Text(whole, "kind") == "APIService" && len(object.Map(spec, "service")) > 0 {
		r := api.Resource{Group: object.Text(spec, "group"), Version: object.Text(spec, "version"), Namespaced: true}
		defined[api.JoinVersion(r.Group, r.Version)+" *"] = r
	}
	if object.Text(whole, "kind") != "CustomResourceDefinition" {
		return
	}
	for _, v := range object.List(spec, "versions") {
		r := api.Resource{
			Group: object.Text(spec, "group"), Version: object.Text(v, "name"),
			Kind: object.Text(spec, "names", "kind"), Plural: object.Text(spec, "names", "plural"),
			Namespaced: object.Text(spec, "scope") == "Namespaced",
		}
		if served, _ := v["served"].(bool); served {
			defined[r.APIVersion()+" "+r.Kind] = r
		}
	}
}
