package api

// How many objects a list asks for at once.
const (
	WholePage  = 2000 // of metadata, all of which is wanted: few answers of a few MiB each
	SamplePage = 100  // where the first of them tell enough
	eventsPage = 50   // more of them nobody reads
)

// metadataPage asks for a list of metadata in protobuf, which costs both sides a
// fraction of JSON. The server has it for its own kinds alone: not for custom ones.
const metadataPage = "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
