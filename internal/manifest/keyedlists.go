package manifest

// ListKeys are the fields by which Kubernetes tells the items of its lists apart,
// most telling first: the x-kubernetes-list-map-keys and patchMergeKeys of its
// own kinds. A merge of files goes by the schema of each kind, and only by keys
// that are here; a diff, which knows no schemas, tries them in this order.
var ListKeys = [][]string{
	{"name"}, {"containerPort", "protocol"}, {"port", "protocol"}, {"mountPath"}, {"devicePath"},
	{"topologyKey", "whenUnsatisfiable"}, {"type"}, {"ip"}, {"uid"}, {"key"},
}
