package oracle

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/client-go/applyconfigurations"
	clientscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/apis/apps"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/registry/core/persistentvolumeclaim"
	"k8s.io/kubernetes/pkg/registry/core/pod"
)

// Verdict is what the server would say of one object.
type Verdict struct {
	Unknown bool     `json:"unknown,omitempty"` // nothing is known of its kind
	Faults  []string `json:"faults,omitempty"`
}

// namespace is where objects go that name none.
const namespace = "default"

// strict decodes what is exactly as the types of Kubernetes are, and sets defaults.
var strict = serializer.NewCodecFactory(legacyscheme.Scheme, serializer.EnableStrict).UniversalDeserializer()

// applied is what server-side apply reads an object with: it tells the items of lists apart.
var applied = applyconfigurations.NewTypeConverter(clientscheme.Scheme)

// Judge reads groups of objects, each a list in JSON, and writes the list of their
// verdicts in a line each.
func Judge(in io.Reader, out io.Writer) error {
	dec, enc := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var objects []json.RawMessage
		if err := dec.Decode(&objects); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("reading objects: %w", err)
		}
		if err := enc.Encode(All(objects)); err != nil {
			return err
		}
	}
}

// All judges objects that are applied together.
func All(objects []json.RawMessage) []Verdict {
	defined := definitions(objects)
	verdicts := make([]Verdict, len(objects))
	for i, data := range objects {
		verdicts[i] = one(data, defined)
	}
	return verdicts
}

func one(data []byte, defined map[schema.GroupVersionKind]*custom) (v Verdict) {
	defer func() {
		if p := recover(); p != nil { // a panic of the server's code is an error to its client
			v = Verdict{Faults: []string{fmt.Sprint("panic: ", p)}}
		}
	}()
	var u unstructured.Unstructured
	if err := u.UnmarshalJSON(data); err != nil {
		return refused(err)
	}
	gvk := u.GroupVersionKind()
	if c, ok := defined[gvk]; ok {
		return refused(c.judge(&u))
	}
	s, ok := strategies[gvk.GroupKind()]
	if !ok || !legacyscheme.Scheme.Recognizes(gvk) {
		return Verdict{Unknown: true}
	}
	return refused(native(data, &u, s))
}

// native judges an object of Kubernetes' own kinds.
func native(data []byte, u *unstructured.Unstructured, s rest.RESTCreateStrategy) error {
	if clientscheme.Scheme.Recognizes(u.GroupVersionKind()) {
		if _, err := applied.ObjectToTyped(u.DeepCopy()); err != nil {
			return err
		}
	}
	versioned, _, err := strict.Decode(data, nil, nil)
	if err != nil {
		return err
	}
	legacyscheme.Scheme.Default(versioned)
	internal, err := legacyscheme.Scheme.ConvertToVersion(versioned, runtime.InternalGroupVersioner)
	if err != nil {
		return err
	}
	return create(internal, s, u.GroupVersionKind())
}

// create runs what the server runs before it stores a new object.
func create(obj runtime.Object, s rest.RESTCreateStrategy, gvk schema.GroupVersionKind) error {
	m, err := meta.Accessor(obj)
	if err != nil {
		return err
	}
	ctx := genericapirequest.WithRequestInfo(context.Background(), &genericapirequest.RequestInfo{
		APIGroup: gvk.Group, APIVersion: gvk.Version, Verb: "create", IsResourceRequest: true,
	})
	if !s.NamespaceScoped() && m.GetNamespace() != "" {
		return fmt.Errorf("metadata.namespace: a %s lies in no namespace", gvk.Kind) // its path has none
	}
	if err := allocate(obj); err != nil {
		return err
	}
	if s.NamespaceScoped() {
		if m.GetNamespace() == "" {
			m.SetNamespace(namespace)
		}
		ctx = genericapirequest.WithNamespace(ctx, m.GetNamespace())
	} else {
		ctx = genericapirequest.WithNamespace(ctx, metav1.NamespaceNone)
	}
	rest.FillObjectMetaSystemFields(m)
	if err := rest.BeforeCreate(s, ctx, obj); err != nil {
		return err
	}
	if set, ok := obj.(*apps.StatefulSet); ok {
		return podOf(ctx, set)
	}
	return nil
}

// podOf judges the pod that the controller of a StatefulSet would make: nobody looks at
// it before.
func podOf(ctx context.Context, set *apps.StatefulSet) error {
	p := &core.Pod{ObjectMeta: *set.Spec.Template.ObjectMeta.DeepCopy(), Spec: *set.Spec.Template.Spec.DeepCopy()}
	p.Name, p.Namespace = set.Name+"-0", set.Namespace
	for _, c := range set.Spec.VolumeClaimTemplates {
		claim := c.DeepCopy()
		claim.Namespace = set.Namespace
		rest.FillObjectMetaSystemFields(claim)
		if err := rest.BeforeCreate(persistentvolumeclaim.Strategy, ctx, claim); err != nil {
			return err
		}
		p.Spec.Volumes = append(p.Spec.Volumes, core.Volume{Name: c.Name, VolumeSource: core.VolumeSource{
			PersistentVolumeClaim: &core.PersistentVolumeClaimVolumeSource{ClaimName: c.Name + "-" + p.Name},
		}})
	}
	rest.FillObjectMetaSystemFields(p)
	return rest.BeforeCreate(pod.Strategy, ctx, p)
}

// allocate does what the server does before it runs a strategy: the storage of Services,
// and the admission of Pods.
func allocate(obj runtime.Object) error {
	if p, ok := obj.(*core.Pod); ok && p.Spec.ServiceAccountName == "" {
		p.Spec.ServiceAccountName = "default" // admission does so
		return nil
	}
	s, ok := obj.(*core.Service)
	if !ok {
		return nil
	}
	for i, p := range s.Spec.Ports {
		if p.NodePort != 0 && (p.NodePort < 30000 || p.NodePort > 32767) {
			return fmt.Errorf("spec.ports[%d].nodePort: the range of valid ports is 30000-32767", i)
		}
	}
	if s.Spec.ClusterIP != "" && len(s.Spec.ClusterIPs) == 0 {
		s.Spec.ClusterIPs = []string{s.Spec.ClusterIP}
	}
	if s.Spec.Type == core.ServiceTypeLoadBalancer && s.Spec.ExternalTrafficPolicy == core.ServiceExternalTrafficPolicyLocal && s.Spec.HealthCheckNodePort == 0 {
		s.Spec.HealthCheckNodePort = 32000
	}
	return nil
}

// refused tells why: each cause of an error of the server is a fault.
func refused(err error) Verdict {
	if err == nil {
		return Verdict{}
	}
	var status *apierrors.StatusError
	if errors.As(err, &status) && status.ErrStatus.Details != nil && len(status.ErrStatus.Details.Causes) > 0 {
		var v Verdict
		for _, c := range status.ErrStatus.Details.Causes {
			v.Faults = append(v.Faults, fmt.Sprintf("%s: %s", c.Field, c.Message))
		}
		return v
	}
	return Verdict{Faults: []string{string(bytes.TrimSpace([]byte(err.Error())))}}
}
