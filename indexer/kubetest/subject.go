package kubetest

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// Subject is one Kube to prove.
type Subject struct {
	Name       string    `json:"name"`
	Version    string    `json:"version"`
	Tar        string    `json:"tar"`     // sha256 of its tar
	Archive    string    `json:"archive"` // path
	Kubernetes string    `json:"kubernetes,omitempty"`
	Hook       bool      `json:"hook,omitempty"`
	Tests      bool      `json:"tests,omitempty"`
	Alone      bool      `json:"alone,omitempty"`    // something of it, or of what it needs, is there once in a cluster
	Needs      []Archive `json:"needs,omitempty"`    // what is installed before it, in this order
	Previous   *Archive  `json:"previous,omitempty"` // the release that users have now
	Refused    *Step     `json:"refused,omitempty"`  // why it failed before a cluster was asked
}

// Selection says which Kubes of a packages folder are to be proven.
type Selection struct {
	Packages fs.FS
	Path     string   // of Packages, for those who read what is refused
	Names    []string // nil for all
	Changed  []string // of these those that are among them; nil for all
	Shard    Shard    // of those
	// Untested leaves out what passed on Server by what is published, or, where that
	// says anything, by Evidence, a folder of statements; nil for none.
	Untested bool
	Evidence fs.FS
	Server   string // minor version, as in "1.37"
	Dir      string // for archives; "" to pack none
}

// Archive is one release of a Kube, packed.
type Archive struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Path    string `json:"path"`
}

func (a Archive) String() string { return a.Name + " " + a.Version }

// clusterKinds are kinds of Kubernetes' own, and of its usual companions, whose
// objects lie in no namespace.
var clusterKinds = strings.Fields(`APIService CSIDriver CSINode CertificateSigningRequest ClusterRole ClusterRoleBinding
ClusterTrustBundle CustomResourceDefinition DeviceClass DeviceTaintRule FlowSchema GatewayClass IPAddress IngressClass
MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingWebhookConfiguration Namespace Node PersistentVolume PriorityClass
PriorityLevelConfiguration ResourceSlice RuntimeClass ServiceCIDR StorageClass ValidatingAdmissionPolicy
ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration VolumeAttachment VolumeAttributesClass VolumeSnapshotClass`)

// ClusterScoped reports whether one of the kinds is of the whole cluster.
func ClusterScoped(kinds []string) bool {
	return slices.ContainsFunc(kinds, func(k string) bool { return slices.Contains(clusterKinds, k) })
}

// Shard is one of Of equal parts of all names: a name stays in its part whatever
// other names there are. The zero value is all of them.
type Shard struct{ Index, Of int }

// MaxShards is how many jobs a matrix of GitHub may have.
const MaxShards = 256

// UnmarshalText reads "I/N", with I from 0 to N-1.
func (s *Shard) UnmarshalText(text []byte) error {
	i, n, ok := strings.Cut(string(text), "/")
	index, err := strconv.Atoi(i)
	of, err2 := strconv.Atoi(n)
	if !ok || err != nil || err2 != nil || of < 1 || index < 0 || index >= of {
		return fmt.Errorf("%q is no part such as 0/4, 1/4, 2/4 or 3/4", text)
	}
	*s = Shard{index, of}
	return nil
}

// String is what UnmarshalText reads.
func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Index, s.Of) }

// Has reports whether the name is in this part: its sha256, as a number, modulo Of.
func (s Shard) Has(name string) bool { return s.Of == 0 || PartOf(name, s.Of) == s.Index }

// PartOf is the part of n that a name is in.
func PartOf(name string, n int) int {
	sum := sha256.Sum256([]byte(name))
	rest := uint64(0)
	for i := 0; i < len(sum); i += 4 {
		rest = (rest<<32 | uint64(binary.BigEndian.Uint32(sum[i:]))) % uint64(n) //nolint:gosec // n is at least 1
	}
	return int(rest) //nolint:gosec // below n
}
