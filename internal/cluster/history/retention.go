package history

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// retained chooses among revisions, newest first, those to keep: the two newest
// that were installed, so that failures never take away what one goes back to, and
// of the others the newest. What a newer one that was installed repeats goes first:
// a drift that is healed each night leaves the history as it was.
func retained(revisions []Revision) map[int]bool {
	repeated := map[int]bool{}
	var wanted []int
	for _, r := range revisions {
		if r.Status == Installed && r.Repeats > 0 && r.Repeats < r.Number {
			repeated[r.Repeats] = true
		}
		if r.Status == Installed && !repeated[r.Number] && len(wanted) < 2 {
			wanted = append(wanted, r.Number)
		}
	}
	for _, r := range revisions {
		if !repeated[r.Number] {
			wanted = append(wanted, r.Number)
		}
	}
	kept := map[int]bool{}
	for _, number := range wanted {
		if len(kept) < maxRevisions {
			kept[number] = true
		}
	}
	return kept
}

// writeParts writes all but the first part of a record.
func (s *Store) writeParts(ctx context.Context, r Revision, parts [][]byte) error {
	for i, data := range parts[1:] {
		meta := map[string]any{
			"name": partName(nameOf(r.Installation.Name, r.Number), r.digest, i+1), "namespace": r.Installation.Namespace,
			"labels": map[string]any{labelRecord: r.Installation.Name, labelRevision: strconv.Itoa(r.Number)},
		}
		_, err := s.Create(ctx, api.Secrets, r.Installation.Namespace, secret(meta, api.PartType, data))
		if err != nil && !errors.Is(err, api.ErrConflict) { // the same part, from a try before
			return err
		}
	}
	return nil
}

// deleteOld deletes the revisions that are not to be kept, and parts that no record
// names.
func (s *Store) deleteOld(ctx context.Context, i api.Installation) error {
	revisions, err := s.Revisions(ctx, i)
	if err != nil {
		return err
	}
	kept, wanted := retained(revisions), map[string]bool{}
	for _, r := range revisions {
		if kept[r.Number] {
			for part := 1; part < min(r.parts, maxParts) && len(r.digest) == 64; part++ {
				wanted[partName(r.name, r.digest, part)] = true
			}
			continue
		}
		if err := s.deleteSecret(ctx, i.Namespace, r.name, r.uid); err != nil {
			return fmt.Errorf("deleting revision %d of %s: %w", r.Number, i, err)
		}
	}
	return s.deleteParts(ctx, i, wanted)
}

// deleteAll deletes all records of an installation, the one that is the lock last.
func (s *Store) deleteAll(ctx context.Context, lock Revision) error {
	revisions, err := s.Revisions(ctx, lock.Installation)
	if err != nil {
		return err
	}
	for _, r := range slices.Backward(revisions) {
		if r.name == lock.name {
			continue
		}
		if err := s.deleteSecret(ctx, r.Installation.Namespace, r.name, r.uid); err != nil {
			return fmt.Errorf("deleting revision %d of %s: %w", r.Number, r.Installation, err)
		}
	}
	if err := s.deleteParts(ctx, lock.Installation, nil); err != nil {
		return err
	}
	if err := s.deleteSecret(ctx, lock.Installation.Namespace, lock.name, lock.uid); err != nil {
		return fmt.Errorf("deleting the last record of %s: %w", lock.Installation, err)
	}
	return nil
}

// deleteParts deletes the parts of an installation's records that are not wanted.
func (s *Store) deleteParts(ctx context.Context, i api.Installation, wanted map[string]bool) error {
	page, err := s.ListMetadata(ctx, api.Secrets, i.Namespace, metav1.ListOptions{FieldSelector: "type=" + api.PartType, LabelSelector: labelRecord + "=" + i.Name})
	if err != nil {
		return fmt.Errorf("listing the parts of the records of %s: %w", i, err)
	}
	for _, item := range page.Items {
		name := object.Text(item, "metadata", "name")
		if wanted[name] {
			continue
		}
		if err := s.deleteSecret(ctx, i.Namespace, name, object.Text(item, "metadata", "uid")); err != nil {
			return fmt.Errorf("deleting a part of the records of %s: %w", i, err)
		}
	}
	return nil
}

func (s *Store) deleteSecret(ctx context.Context, namespace, name, uid string) error {
	err := s.Delete(ctx, api.Secrets, api.Secrets.RefTo(namespace, name), uid, "", "")
	if errors.Is(err, api.ErrNotFound) {
		return nil
	}
	return err
}
