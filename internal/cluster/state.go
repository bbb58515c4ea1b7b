package cluster

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// State is what a cluster remembers of an installation.
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

// Records are those of the newest revision that was installed, and of what was
// tried after it. The objects in the cluster may be of each of them.
func (s State) Records() []*Record {
	if s.Current == nil {
		return s.Tried
	}
	return append(s.Tried[:len(s.Tried):len(s.Tried)], s.Current)
}

// readable are the revisions of which State reads the records: the newest, but
// always the newest that was installed, and no more than are remembered.
func readable(revisions []Revision) []Revision {
	installed := slices.IndexFunc(revisions, func(r Revision) bool { return r.Status == Installed })
	if installed < maxRevisions {
		return revisions[:min(maxRevisions, len(revisions))]
	}
	return append(revisions[:maxRevisions-1:maxRevisions-1], revisions[installed])
}

// State reads what the cluster remembers. No record is no error.
func (c *Cluster) State(ctx context.Context, i api.Installation) (State, error) {
	revisions, err := c.History(ctx, i)
	if err != nil {
		return State{}, err
	}
	s := State{Revisions: revisions}
	items := map[string]api.Item{}
	left := &budget{maxItems}
	for _, r := range readable(revisions) {
		record, err := c.record(ctx, r, r.Status == Installed && s.Err == nil, left)
		if err != nil && !errors.Is(err, api.ErrDamaged) && !errors.Is(err, api.ErrNotFound) {
			return State{}, err
		}
		if err == nil {
			merge(items, record.Inventory)
		}
		if r.Status != Installed {
			if err == nil {
				s.Tried = append(s.Tried, record)
			}
			continue
		}
		if s.Err == nil {
			s.Current, s.Err = record, err
		}
		if err == nil {
			break
		}
	}
	if s.Err != nil {
		s.Current = nil
	}
	for _, item := range items {
		s.Inventory = append(s.Inventory, item)
	}
	slices.SortFunc(s.Inventory, func(a, b api.Item) int { return a.Compare(b.Ref) })
	return s, nil
}

// merge adds older items to newer ones.
func merge(items map[string]api.Item, older []api.Item) {
	for _, item := range older {
		if newer, ok := items[item.Key()]; !ok || newer.UID == "" {
			item.Planned = item.Planned || newer.Planned
			items[item.Key()] = item
		}
	}
}

// History is all revisions of an installation, newest first.
func (c *Cluster) History(ctx context.Context, i api.Installation) ([]Revision, error) {
	if err := i.Check(); err != nil {
		return nil, err
	}
	found, err := c.revisions(ctx, i.Namespace, labelRecord+"="+i.Name)
	if err != nil {
		return nil, fmt.Errorf("reading the records of %s: %w", i, err)
	}
	return found, nil
}

// Listed is an installation in a list.
type Listed struct {
	Installation api.Installation `json:"installation"`
	Newest       Revision         `json:"newest"`
	Installed    *Revision        `json:"installed,omitempty"` // the newest that was installed
}

// List is what is installed in a namespace, or with "" in all. It reads no
// record, only what the labels and annotations of records say.
func (c *Cluster) List(ctx context.Context, namespace string) ([]Listed, error) {
	if namespace != "" && !api.DNSLabel.MatchString(namespace) {
		return nil, api.Fault(fmt.Sprintf("%q is no name of a namespace", namespace), api.ErrName)
	}
	all, err := c.revisions(ctx, namespace, "")
	if err != nil {
		return nil, fmt.Errorf("listing installations: %w", err)
	}
	byID := map[api.Installation][]Revision{}
	for _, r := range all {
		byID[r.Installation] = append(byID[r.Installation], r)
	}
	var found []Listed
	for id, revisions := range byID {
		s := State{Revisions: revisions}
		found = append(found, Listed{Installation: id, Newest: revisions[0], Installed: s.Installed()})
	}
	slices.SortFunc(found, func(a, b Listed) int {
		return cmp.Or(cmp.Compare(a.Installation.Namespace, b.Installation.Namespace), cmp.Compare(a.Installation.Name, b.Installation.Name))
	})
	return found, nil
}

// revisions lists the metadata of records, highest number first. What kpm did
// not write is left out.
func (c *Cluster) revisions(ctx context.Context, namespace, selector string) ([]Revision, error) {
	all, err := c.ListObjectMeta(ctx, api.Secrets, namespace, metav1.ListOptions{FieldSelector: "type=" + recordType, LabelSelector: selector, Limit: 2000})
	if err != nil {
		return nil, err
	}
	var found []Revision
	for _, meta := range all {
		if r, ok := parseRevision(meta); ok {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b Revision) int { return cmp.Compare(b.Number, a.Number) })
	return found, nil
}

// Record reads the record of a revision. It was written by whoever may write
// Secrets in its namespace.
func (c *Cluster) Record(ctx context.Context, r Revision) (*Record, error) {
	return c.record(ctx, r, true, &budget{maxItems})
}

func (c *Cluster) record(ctx context.Context, r Revision, manifests bool, left *budget) (*Record, error) {
	data, err := c.stored(ctx, r)
	if err != nil {
		return nil, err
	}
	record, err := decodeRecord(data, manifests, left)
	if err != nil {
		return nil, damaged(r, err)
	}
	return record, nil
}

func damaged(r Revision, err error) error {
	return &api.Error{Classes: []error{api.ErrDamaged}, Text: fmt.Sprintf("revision %d of %s: %v", r.Number, r.Installation, err), Cause: err}
}

// stored puts the parts of a record together.
func (c *Cluster) stored(ctx context.Context, r Revision) ([]byte, error) {
	data, meta, err := c.part(ctx, r.Installation.Namespace, r.name)
	if err != nil {
		return nil, err
	}
	now, ok := parseRevision(meta) // it may have been rewritten since the list
	if !ok || now.parts < 1 || now.parts > maxParts || len(now.digest) != 64 {
		return nil, damaged(r, errors.New("it does not say how many parts it has"))
	}
	for i := 1; i < now.parts; i++ {
		more, _, err := c.part(ctx, r.Installation.Namespace, partName(now.name, now.digest, i))
		if errors.Is(err, api.ErrNotFound) {
			return nil, damaged(r, err)
		}
		if err != nil {
			return nil, err
		}
		data = append(data, more...)
	}
	if digestOf(data) != now.digest {
		return nil, damaged(r, errors.New("its parts do not fit together"))
	}
	return data, nil
}

func (c *Cluster) part(ctx context.Context, namespace, name string) (data []byte, meta map[string]any, err error) {
	o, err := c.Get(ctx, api.Secrets, api.Secrets.RefTo(namespace, name))
	if err != nil {
		return nil, nil, err
	}
	if o == nil {
		return nil, nil, api.Fault(fmt.Sprintf("Secret %s/%s is gone", namespace, name), api.ErrNotFound)
	}
	data, err = base64.StdEncoding.DecodeString(object.Text(o, "data", recordKey))
	return data, object.Map(o, "metadata"), err
}
