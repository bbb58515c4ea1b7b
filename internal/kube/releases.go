package kube

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// Releases is what releases.yaml says about releases that are out: what cannot
// be unpublished is marked here. The zero Releases marks none.
type Releases struct {
	Gone    string            // why the whole Kube was taken away, "" when it was not
	Yanked  map[string]string // version → why ranges should not choose it
	Revoked map[string]string // version → why it must not be installed
}

// ReadReleases reads releases.yaml and reports every fault at once.
func ReadReleases(data []byte) (Releases, Problems) {
	var r Releases
	s := newSource(ReleasesPath, true)
	root := s.document(data)
	if root == nil {
		return r, s.sorted()
	}
	s.fields(root, "", fields{
		"gone":    func(key string, n *yaml.Node) { r.Gone = s.line(key, n) },
		"yanked":  func(key string, n *yaml.Node) { r.Yanked = s.reasons(key, n) },
		"revoked": func(key string, n *yaml.Node) { r.Revoked = s.reasons(key, n) },
	})
	for v := range r.Revoked {
		if _, both := r.Yanked[v]; both {
			s.errorf(s.lines["revoked"], "version %s is yanked and revoked; revoked is enough", v)
		}
	}
	return r, s.sorted()
}

// reasons reads a mapping of versions to one-line texts.
func (s *source) reasons(name string, n *yaml.Node) map[string]string {
	out := map[string]string{}
	s.pairs(name, n, func(key, value *yaml.Node) {
		if _, err := ParseVersion(key.Value); err != nil {
			s.errorf(key.Line, "%s: %s", name, err)
		}
		out[key.Value] = s.line(fmt.Sprintf("%s[%q]", name, key.Value), value)
	})
	return out
}
