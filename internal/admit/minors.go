package admit

import "fmt"

// Since when servers judge otherwise, by the minor of Kubernetes 1 whose default of a
// feature gate changed (k8s.io/kubernetes/pkg/features/kube_features.go).
const (
	digitsFirst      = 36 // RelaxedServiceNameValidation: a Service's name may begin with a digit
	strictAddresses  = 36 // StrictIPCIDRValidation: no leading zeros, no bits beyond a prefix
	nearTrafficSince = 34 // PreferSameTrafficDistribution: PreferSameZone, PreferSameNode
)

// Since when servers judge custom resources otherwise, without a gate
// (k8s.io/apiextensions-apiserver/pkg/apiserver/validation, k8s.io/kube-openapi/pkg/validation).
const (
	namesInDefaults   = 34 // formats k8s-short-name, k8s-long-name: in the defaults of definitions
	namesOfKubernetes = 35 // and in custom resources, a version later, so that one can go back
	keywordFields     = 32 // self.namespace in rules
	strictNumbers     = 36 // int32, float: numbers and what bounds them fit their type and format
)

// minors are servers that have a rule: from first on, and before end; 0 is no bound.
type minors struct{ first, end int }

func since(first int) minors { return minors{first: first} }

func before(end int) minors { return minors{end: end} }

// addIn notes what only some servers refuse: as a fault where all do that count, and not at
// all where none does.
func (f *faults) addIn(in minors, at *path, sort Sort, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	switch {
	case in.first > f.servers.Last, in.end > 0 && in.end <= f.servers.First:
	case in.first > f.servers.First:
		f.add(at, Servers, "%s in Kubernetes 1.%d and newer", text, in.first)
	case in.end > 0 && in.end <= f.servers.Last:
		f.add(at, Servers, "%s before Kubernetes 1.%d", text, in.end)
	default:
		f.add(at, sort, "%s", text)
	}
}

// before notes what servers refuse before a minor version, and take from it on.
func (f *faults) before(minor int, at *path, sort Sort, format string, args ...any) {
	f.addIn(before(minor), at, sort, format, args...)
}

// since notes what servers refuse from a minor version on.
func (f *faults) since(minor int, at *path, sort Sort, format string, args ...any) {
	f.addIn(since(minor), at, sort, format, args...)
}

// dropped notes what servers before a minor version leave out without a word.
func (f *faults) dropped(minor int, at *path, what string) {
	if f.servers.First < minor {
		f.add(at, Servers, "%s before Kubernetes 1.%d: say so in K3.yaml, kubernetes: \">=1.%d\"", what, minor, minor)
	}
}
