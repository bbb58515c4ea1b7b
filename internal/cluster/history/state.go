package history

import "slices"

import "github.com/kpm-sh/kpm/internal/cluster/api"

// State is what a cluster has recorded of an installation.
type State struct {
	Revisions []Revision // newest first
	Current   *Record    // of the newest revision that was installed; nil when there is none
	Tried     []*Record  // of the revisions after it, which did not get so far, without manifests; what cannot be read is left out
	Err       error      // why the record of that revision cannot be read
	Inventory []api.Item // what the current revision, and those that failed after it, have made; with Err what older ones say
}

// Newest is the number of the newest revision, 0 when there is none.
func (s State) Newest() int {
	if len(s.Revisions) == 0 {
		return 0
	}
	return s.Revisions[0].Number
}

// Installed is the newest revision that was installed, nil when there is none.
func (s State) Installed() *Revision {
	for i, r := range s.Revisions {
		if r.Status == Installed {
			return &s.Revisions[i]
		}
	}
	return nil
}

// Holder is the pending revision, nil when nobody is at work.
func (s State) Holder() *Revision {
	if len(s.Revisions) > 0 && s.Revisions[0].Status == Pending {
		return &s.Revisions[0]
	}
	return nil
}

// abandoned is s with its pending revision as one that has failed.
func (s State) abandoned() State {
	s.Revisions = slices.Clone(s.Revisions)
	s.Revisions[0].Status = Failed
	return s
}

// Records are those of the newest revision that was installed, and of what was
// tried after it. The objects in the cluster may be of each of them.
func (s State) Records() []*Record {
	if s.Current == nil {
		return s.Tried
	}
	return append(slices.Clip(s.Tried), s.Current)
}

// Vouching are the values of kpm.sh/inputs by which live objects vouch for a record as
// that of the revision of this number.
func (s State) Vouching(number int, r *Record) []string {
	var seals []string
	digest := r.digest()
	for _, known := range s.Records() {
		if seal := known.seal(); seal != "" && digest != "" && known.Digests[number] == digest {
			seals = append(seals, seal)
		}
	}
	return seals
}

// Sealed are the digests of revisions that the records confirm, by the seal with which
// objects that are made with them do.
func (s State) Sealed() map[string]map[int]string {
	sealed := map[string]map[int]string{}
	for _, r := range s.Records() {
		if seal := r.seal(); seal != "" {
			sealed[seal] = r.Digests
		}
	}
	return sealed
}
