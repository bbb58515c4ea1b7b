package index

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
// site and what its bytes are. Type is the predicate type (a URL).
type Attestation struct {
	Type   string `json:"type"`
	Path   string `json:"path"`
	SHA256 Digest `json:"sha256"`
	Size   int64  `json:"size"`
}

// Ref is the reference to the release's archive.
func (r Release) Ref() Ref {
	return Ref{r.SHA256, r.Size}
}

// Offered reports whether the release may be given to who does not name its
// version: it is neither yanked nor withdrawn.
func (r Release) Offered() bool { return r.Yanked == nil && r.Withdrawn == "" }
