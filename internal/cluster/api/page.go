package api

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// How many objects a list asks for at once.
const (
	WholePage  = 2000 // of metadata, all of which is wanted: few answers of a few MiB each
	SamplePage = 100  // where the first of them tell enough
	eventsPage = 50   // more of them nobody reads
)

// metadataPage asks for a list of metadata in protobuf, which costs both sides a
// fraction of JSON. The server has it for its own kinds alone: not for custom ones.
const metadataPage = "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"

// fields are the metadata as an object has them, but for what a list does not need.
func fields(m *metav1.ObjectMeta) map[string]any {
	return map[string]any{
		"name": m.Name, "namespace": m.Namespace, "uid": string(m.UID), "resourceVersion": m.ResourceVersion,
		"labels": untyped(m.Labels), "annotations": untyped(m.Annotations),
	}
}

func untyped(m map[string]string) map[string]any {
	all := make(map[string]any, len(m))
	for k, v := range m {
		all[k] = v
	}
	return all
}
