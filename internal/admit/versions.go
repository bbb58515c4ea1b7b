package admit

import "fmt"

// before refuses what servers refuse before a minor version, and take from it on.
func (f *faults) before(minor int, at *path, sort Sort, format string, args ...any) {
	switch text := fmt.Sprintf(format, args...); {
	case f.servers.First >= minor:
	case f.servers.Last < minor:
		f.add(at, sort, "%s", text)
	default:
		f.add(at, Servers, "%s before Kubernetes 1.%d", text, minor)
	}
}

// since refuses what servers refuse from a minor version on.
func (f *faults) since(minor int, at *path, sort Sort, format string, args ...any) {
	switch text := fmt.Sprintf(format, args...); {
	case f.servers.Last < minor:
	case f.servers.First >= minor:
		f.add(at, sort, "%s", text)
	default:
		f.add(at, Servers, "%s in Kubernetes 1.%d and newer", text, minor)
	}
}

// dropped notes what servers before a minor version leave out without a word.
func (f *faults) dropped(minor int, at *path, what string) {
	if f.servers.First < minor {
		f.add(at, Servers, "%s before Kubernetes 1.%d: say so in K3.yaml, kubernetes: \">=1.%d\"", what, minor, minor)
	}
}
