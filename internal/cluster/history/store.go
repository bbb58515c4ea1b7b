package history

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	"github.com/kpm-sh/kpm/internal/errcode"
)

// Store is where a cluster keeps the revisions of its installations.
type Store struct {
	*api.Client
	Beat  time.Duration // a holder touches its revision so often
	Stale time.Duration // a revision that stood still so long has lost its holder
}

// NewStore is a Store with the times that all who use it at once go by.
func NewStore(c *api.Client) *Store {
	return &Store{Client: c, Beat: beat, Stale: stale}
}

// readable are the revisions of which State reads the records: the newest, but
// always the newest that was installed, and no more than are kept.
func readable(revisions []Revision) []Revision {
	installed := slices.IndexFunc(revisions, func(r Revision) bool { return r.Status == Installed })
	if installed < maxRevisions {
		return revisions[:min(maxRevisions, len(revisions))]
	}
	return append(revisions[:maxRevisions-1:maxRevisions-1], revisions[installed])
}

// State reads what the cluster has recorded. No record is no error.
func (s *Store) State(ctx context.Context, i api.Installation) (State, error) {
	revisions, err := s.Revisions(ctx, i)
	if err != nil {
		return State{}, err
	}
	state := State{Revisions: revisions}
	items := map[string]api.Item{}
	rest := &budget{maxItems}
	for _, r := range readable(revisions) {
		record, err := s.record(ctx, r, r.Status == Installed && state.Err == nil, rest)
		if err != nil && !errors.Is(err, api.ErrDamaged) && !errors.Is(err, api.ErrNotFound) {
			return State{}, err
		}
		if err == nil {
			merge(items, record.Inventory)
		}
		if r.Status != Installed {
			if err == nil {
				state.Tried = append(state.Tried, record)
			}
			continue
		}
		if state.Err == nil {
			state.Current, state.Err = record, err
		}
		if err == nil {
			break
		}
	}
	if state.Err != nil {
		state.Current = nil
	}
	for _, item := range items {
		state.Inventory = append(state.Inventory, item)
	}
	slices.SortFunc(state.Inventory, func(a, b api.Item) int { return a.Compare(b.Ref) })
	return state, nil
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

// Revisions are all revisions of an installation, newest first.
func (s *Store) Revisions(ctx context.Context, i api.Installation) ([]Revision, error) {
	if err := i.Check(); err != nil {
		return nil, err
	}
	found, err := s.revisions(ctx, i.Namespace, labelRecord+"="+i.Name)
	if err != nil {
		return nil, fmt.Errorf("reading the records of %s: %w", i, err)
	}
	return found, nil
}

// Installations are those of a namespace, or with a name that one, if it is there.
func (s *Store) Installations(ctx context.Context, namespace, name string) ([]api.Installation, error) {
	var found []api.Installation
	if name != "" {
		revisions, err := s.Revisions(ctx, api.Installation{Namespace: namespace, Name: name})
		if len(revisions) > 0 {
			found = append(found, revisions[0].Installation)
		}
		return found, err
	}
	listed, err := s.List(ctx, namespace)
	for _, l := range listed {
		found = append(found, l.Installation)
	}
	return found, err
}

// Listed is an installation in a list.
type Listed struct {
	Installation api.Installation `json:"installation"`
	Newest       Revision         `json:"newest"`
	Installed    *Revision        `json:"installed,omitempty"` // the newest that was installed
}

// List is what is installed in a namespace, or with "" in all. It reads no
// record, only what the labels and annotations of records say.
func (s *Store) List(ctx context.Context, namespace string) ([]Listed, error) {
	if namespace != "" && !api.DNSLabel().MatchString(namespace) {
		return nil, api.Fault(fmt.Sprintf("%q is no name of a namespace", namespace), api.ErrName)
	}
	all, err := s.revisions(ctx, namespace, "")
	if err != nil {
		return nil, fmt.Errorf("listing installations: %w", err)
	}
	var found []Listed
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].Installation == all[0].Installation {
			n++
		}
		found = append(found, Listed{Installation: all[0].Installation, Newest: all[0], Installed: State{Revisions: all[:n:n]}.Installed()})
		all = all[n:]
	}
	return found, nil
}

// revisions lists the metadata of records by their installations, of each the highest
// number first. What kpm did not write is left out.
func (s *Store) revisions(ctx context.Context, namespace, selector string) ([]Revision, error) {
	all, err := s.ListObjectMeta(ctx, api.Secrets, namespace, metav1.ListOptions{FieldSelector: "type=" + api.RecordType, LabelSelector: selector, Limit: api.WholePage})
	if err != nil {
		return nil, err
	}
	found := make([]Revision, 0, len(all))
	for _, meta := range all {
		if r, ok := parseRevision(meta); ok {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b Revision) int {
		return cmp.Or(cmp.Compare(a.Installation.Namespace, b.Installation.Namespace), cmp.Compare(a.Installation.Name, b.Installation.Name), cmp.Compare(b.Number, a.Number))
	})
	return found, nil
}

// Record reads the record of a revision. It was written by whoever may write
// Secrets in its namespace.
func (s *Store) Record(ctx context.Context, r Revision) (*Record, error) {
	return s.record(ctx, r, true, &budget{maxItems})
}

func (s *Store) record(ctx context.Context, r Revision, manifests bool, b *budget) (*Record, error) {
	data, err := s.stored(ctx, r)
	if err != nil {
		return nil, err
	}
	record, err := decodeRecord(data, manifests, b)
	if err != nil {
		return nil, damaged(r, err)
	}
	return record, nil
}

func damaged(r Revision, err error) error {
	facts := errcode.Facts{"name": r.Installation.Name, "namespace": r.Installation.Namespace, "secret": r.name}
	return errcode.With(errcode.DamagedRevision, facts, &api.Error{Classes: []error{api.ErrDamaged}, Text: fmt.Sprintf("revision %d of %s: %v", r.Number, r.Installation, err), Cause: err})
}

// stored puts the parts of a record together.
func (s *Store) stored(ctx context.Context, r Revision) ([]byte, error) {
	data, meta, err := s.part(ctx, r.Installation.Namespace, r.name)
	if err != nil {
		return nil, err
	}
	now, ok := parseRevision(meta) // it may have been rewritten since the list
	if !ok || now.parts < 1 || now.parts > maxParts || len(now.digest) != 64 {
		return nil, damaged(r, errors.New("it does not say how many parts it has"))
	}
	for i := 1; i < now.parts; i++ {
		more, _, err := s.part(ctx, r.Installation.Namespace, partName(now.name, now.digest, i))
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

func (s *Store) part(ctx context.Context, namespace, name string) (data []byte, meta *metav1.ObjectMeta, err error) {
	o, err := s.Get(ctx, api.Secrets, api.Secrets.RefTo(namespace, name))
	if err != nil {
		return nil, nil, err
	}
	if o == nil {
		return nil, &metav1.ObjectMeta{}, api.Fault(fmt.Sprintf("Secret %s/%s is gone", namespace, name), api.ErrNotFound)
	}
	data, err = base64.StdEncoding.DecodeString(object.Text(o, "data", recordKey))
	return data, metadataOf(o), err
}

// MayRecord refuses who may not write the history of an installation.
func (s *Store) MayRecord(ctx context.Context, i api.Installation) error {
	if api.May(ctx, s.Client, "create", api.Secrets, api.Ref{Namespace: i.Namespace}) {
		return nil
	}
	return api.Fault(fmt.Sprintf("writing the record of %s: you may not create Secrets in namespace %s", i, i.Namespace), api.ErrForbidden)
}
