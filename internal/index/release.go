package index

import (
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// Release is one published version of a Kube.
//
// Tar is the sha256 of the uncompressed archive: it says whether two archives
// hold the same Kube, whatever compressed them. A withdrawn release keeps its
// digests for ever, so that its version cannot be used again, but its file is
// no longer there.
type Release struct {
	Version      string        `json:"version"`
	SHA256       Digest        `json:"sha256"`
	Size         int64         `json:"size"`
	Tar          Digest        `json:"tar"`
	Built        Time          `json:"built"`
	Commit       string        `json:"commit,omitempty"`
	URLs         []string      `json:"urls,omitempty"` // further places of the archive, absolute
	Dependencies []Dependency  `json:"dependencies,omitempty"`
	Kubernetes   string        `json:"kubernetes,omitempty"`
	KPM          string        `json:"kpm,omitempty"`
	Needs        []string      `json:"needs,omitempty"`
	Hook         Digest        `json:"hook,omitempty"`
	Images       []Image       `json:"images,omitempty"`
	Provides     []string      `json:"provides,omitempty"`
	Yanked       *Yanked       `json:"yanked,omitempty"`
	Withdrawn    string        `json:"withdrawn,omitempty"` // why its file was taken away
	Attestations []Attestation `json:"attestations,omitempty"`
}

// Image is a container image that a release uses, as it was when the release was
// first published. Platforms gives the digest of the manifest of each platform,
// as in "linux/amd64"; without it the image is a manifest itself.
type Image struct {
	Ref       string            `json:"ref"`
	Digest    string            `json:"digest,omitempty"`
	Platforms map[string]string `json:"platforms,omitempty"`
}

// Yanked marks a release that ranges no longer choose. A revoked one is not
// installed at all.
type Yanked struct {
	Reason  string `json:"reason"`
	Revoked bool   `json:"revoked,omitempty"`
}

// Attestation names a signed statement about a release: where it lies on the
// site and what its bytes are. Type is the predicate type (a URL). Server, Nodes and
// Result say what a test result says, so that who looks for one need not read all.
type Attestation struct {
	Type   string `json:"type"`
	Path   string `json:"path"`
	SHA256 Digest `json:"sha256"`
	Size   int64  `json:"size"`
	Server string `json:"server,omitempty"` // version of Kubernetes, as in 1.36.3
	Nodes  string `json:"nodes,omitempty"`  // "real" or "simulated"
	Result string `json:"result,omitempty"` // "PASSED" or "FAILED"
}

// About reports whether the attestation is a test result on a server of the same minor
// version as server.
func (a Attestation) About(server string) bool {
	return a.Server != "" && minor(a.Server) == minor(server)
}

// Minor is the minor version of the server of a test result, as in 1.36.
func (a Attestation) Minor() string { return minor(a.Server) }

func minor(server string) string {
	parts := strings.SplitN(strings.TrimPrefix(server, "v"), ".", 3)
	return strings.Join(parts[:min(2, len(parts))], ".")
}

// Ref is the reference to the release's archive.
func (r Release) Ref() Ref {
	return Ref{r.SHA256, r.Size}
}

// Offered reports whether the release may be given to who does not name its
// version: it is neither yanked nor withdrawn.
func (r Release) Offered() bool { return r.Yanked == nil && r.Withdrawn == "" }

// TestResults are the attestations that are test results, the newest server first.
func (r Release) TestResults() []Attestation {
	var out []Attestation
	for _, a := range r.Attestations {
		if a.Server != "" {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(a, b Attestation) int { return compareServers(b.Server, a.Server) })
	return out
}

// Tested are the servers on which the release passed its test, and those of them whose
// nodes were simulated. Both ascend.
func (r Release) Tested() (all, simulated []string) {
	for _, a := range r.Attestations {
		if a.Server == "" || a.Result != "PASSED" {
			continue
		}
		all = append(all, a.Server)
		if a.Nodes == "simulated" {
			simulated = append(simulated, a.Server)
		}
	}
	slices.SortFunc(all, compareServers)
	slices.SortFunc(simulated, compareServers)
	return all, simulated
}

// compareServers orders versions of Kubernetes.
func compareServers(a, b string) int {
	va, erra := semver.NewVersion(a)
	vb, errb := semver.NewVersion(b)
	if erra != nil || errb != nil {
		return strings.Compare(a, b)
	}
	return va.Compare(vb)
}
