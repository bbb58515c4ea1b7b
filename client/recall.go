package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kpm-sh/kpm/internal/cluster"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
)

// RecallKind is how a publisher took something back.
type RecallKind string

// The kinds of a recall, the worst first.
const (
	Revoked   RecallKind = "revoked"   // the release is not installed at all
	Withdrawn RecallKind = "withdrawn" // its archive was taken away
	Yanked    RecallKind = "yanked"    // nobody is given it who does not name it
	Gone      RecallKind = "gone"      // the whole Kube was taken out of its repository
)

// Recall says that a release was taken back. Reason is its publisher's text.
type Recall struct {
	Namespace  string     `json:"namespace,omitempty"` // where it is installed; "" when no installation is meant
	Name       string     `json:"name"`
	Version    string     `json:"version"`
	Repository string     `json:"repository"` // alias
	Kind       RecallKind `json:"kind"`
	Reason     string     `json:"reason"`
	Instead    string     `json:"instead,omitempty"` // the newest release that may be had; "" when there is none
}

// recallPatience is how long is waited for documents that are not at hand: what is
// listed must not hang on a repository that does not answer.
const recallPatience = 5 * time.Second

// Recalls says which of the installations are of a release that was taken back, as
// the repository that they came from has it since the last update, in the order
// given. What an index says of older releases is in its documents; those that are not
// at hand are fetched. What cannot be known is a notice, never an error: it keeps
// nobody from seeing what is installed.
func (c *Client) Recalls(ctx context.Context, there []cluster.Listed) []Recall {
	there = slices.DeleteFunc(slices.Clone(there), func(l cluster.Listed) bool {
		return l.Installed == nil || l.Installed.Repository == ""
	})
	if len(there) == 0 {
		return nil
	}
	shelves, err := c.shelves("")
	if err != nil {
		if !errors.Is(err, ErrNoRepository) {
			c.note("whether something was recalled is not known: " + err.Error())
		}
		return nil
	}
	defer closeAll(shelves)
	signed, err := bySignedName(shelves)
	if err != nil {
		c.note("whether something was recalled is not known: " + err.Error())
		return nil
	}
	return c.recallsOf(ctx, there, signed)
}

func (c *Client) recallsOf(ctx context.Context, there []cluster.Listed, signed map[string][]shelf) []Recall {
	ctx, cancel := context.WithTimeout(ctx, recallPatience)
	defer cancel()
	found := make([]*Recall, len(there))
	unknown := make([]error, len(there))
	var g errgroup.Group
	g.SetLimit(atOnce)
	for i, l := range there {
		from := signed[l.Installed.Repository]
		if len(from) != 1 {
			continue // a Kube of the same name elsewhere is another Kube
		}
		g.Go(func() error {
			found[i], unknown[i] = c.recallOf(ctx, from[0], l)
			return nil
		})
	}
	_ = g.Wait() //nolint:errcheck // none returns one
	var lost []string
	for i, err := range unknown {
		if err != nil && !slices.Contains(lost, there[i].Installation.Name) {
			lost = append(lost, there[i].Installation.Name)
		}
	}
	if i := slices.IndexFunc(unknown, func(err error) bool { return err != nil }); i >= 0 {
		c.note(fmt.Sprintf("whether releases of %s were recalled is not known: %v", strings.Join(lost, ", "), unknown[i]))
	}
	var all []Recall
	for _, r := range found {
		if r != nil {
			all = append(all, *r)
		}
	}
	return all
}

// recallOf is what the repository of an installation took back of it; nil when it
// took back nothing. With an error it is what the record alone says.
func (c *Client) recallOf(ctx context.Context, s shelf, l cluster.Listed) (*Recall, error) {
	line, ok, err := s.Get(l.Installation.Name)
	if err != nil || !ok {
		return nil, err
	}
	base := Recall{Namespace: l.Installation.Namespace, Name: l.Installation.Name, Version: l.Installed.Version, Repository: s.repo.Alias}
	doc, err := c.document(ctx, s.repo, line)
	if err != nil {
		doc = nil
	}
	return base.judged(line, doc), err
}

// judged is r with what a record and its document say of its release; nil when it
// was not taken back. Without the document it is what the record alone says.
func (r Recall) judged(line index.Line, doc *index.Document) *Recall {
	rel := index.Release{}
	if doc != nil {
		rel, _ = doc.Release(r.Version)
		r.Instead = instead(line, doc, r.Version)
	}
	switch {
	case rel.Yanked != nil && rel.Yanked.Revoked:
		r.Kind, r.Reason = Revoked, rel.Yanked.Reason
	case rel.Withdrawn != "":
		r.Kind, r.Reason = Withdrawn, rel.Withdrawn
	case line.Gone != "":
		r.Kind, r.Reason = Gone, line.Gone
	case rel.Yanked != nil:
		r.Kind, r.Reason = Yanked, rel.Yanked.Reason
	case doc == nil && line.Yanked != "":
		r.Kind, r.Reason = Yanked, line.Yanked
	default:
		return nil
	}
	return &r
}

// instead is the newest release that may be had in place of a version: a
// pre-release only in place of one, or where there is nothing else.
func instead(line index.Line, doc *index.Document, version string) string {
	if line.Gone != "" {
		return ""
	}
	was, err := kube.ParseVersion(version)
	pre := err == nil && was.Prerelease() != ""
	rel, _ := doc.Newest(pre, index.Release.Offered)
	return rel.Version
}
