package client

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/sitetest"
	"github.com/kpm-sh/kpm/internal/trust"
)

// One goes back to what was installed, and on with what was not finished.
func TestTarget(t *testing.T) {
	revision := func(number int, status history.Status) history.Revision {
		return history.Revision{Number: number, Status: status}
	}
	one, two, three := revision(1, history.Installed), revision(2, history.Installed), revision(3, history.Failed)
	back := history.Revision{Number: 4, Status: history.Interrupted, Action: "rollback", To: 1}
	done := history.Revision{Number: 4, Status: history.Installed, Action: "rollback", To: 1}
	lost := history.Revision{Number: 4, Status: history.Failed, Action: "rollback", To: 9}
	for name, c := range map[string]struct {
		revisions    []history.Revision
		number, want int // want 0 is an error
	}{
		"the one before":             {[]history.Revision{two, one}, 0, 1},
		"the one before a failure":   {[]history.Revision{three, two, one}, 0, 2},
		"by number":                  {[]history.Revision{three, two, one}, 1, 1},
		"what is there":              {[]history.Revision{two, one}, 2, 2},
		"none before":                {[]history.Revision{one}, 0, 0},
		"none of that number":        {[]history.Revision{two, one}, 5, 0},
		"one that failed":            {[]history.Revision{three, two, one}, 3, 0},
		"where it was going":         {[]history.Revision{back, three, two, one}, 0, 1},
		"elsewhere than it went":     {[]history.Revision{back, three, two, one}, 2, 2},
		"where a finished one went":  {[]history.Revision{done, three, two, one}, 0, 1},
		"where it went is forgotten": {[]history.Revision{done, three, two}, 0, 4},
		"where it was going is gone": {[]history.Revision{lost, two, one}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := revisionToRestore(api.Installation{Namespace: "web", Name: "a"}, c.revisions, c.number)
			if c.want == 0 && !errors.As(err, new(*noRevisionError)) || c.want != 0 && (err != nil || got.Number != c.want) {
				t.Errorf("got %d, %v, want %d", got.Number, err, c.want)
			}
		})
	}
}

// What cannot be rendered again from a verified archive comes from the record, and
// says why; what was revoked does not come at all.
func TestRepublished(t *testing.T) {
	site := sitetest.New(t)
	yanked := func(revoked bool) func(*index.Release) {
		return func(r *index.Release) { r.Yanked = &index.Yanked{Reason: "it bites", Revoked: revoked} }
	}
	withdrawn := func(r *index.Release) { r.Withdrawn = "by its author" }
	for version, change := range map[string]func(*index.Release){"1.0.0": nil, "1.1.0": yanked(false), "1.2.0": yanked(true), "1.3.0": withdrawn} {
		e := sitetest.Release("a", version)
		e.Change = change
		site.Publish(e)
	}
	c := clientOf(t, site)
	update(t, c)
	digest := func(version string) string {
		return string(index.DigestOf(site.Get(index.ArchivePath("a", version))))
	}
	for name, w := range map[string]struct {
		record    history.Record
		missing   bool   // the archive
		want      string // in why it is not verified; "" is none
		forbidden bool
	}{
		"as it is":           {record: history.Record{Version: "1.0.0", Repository: "test", Digest: digest("1.0.0")}},
		"yanked":             {record: history.Record{Version: "1.1.0", Repository: "test", Digest: digest("1.1.0")}},
		"revoked":            {record: history.Record{Version: "1.2.0", Repository: "test", Digest: digest("1.2.0")}, forbidden: true},
		"withdrawn":          {record: history.Record{Version: "1.3.0", Repository: "test", Digest: digest("1.3.0")}, want: "withdrawn: by its author"},
		"edited":             {record: history.Record{Version: "1.0.0", Repository: "test", Digest: digest("1.0.0"), Edited: true}, want: "a copy that was edited"},
		"a folder":           {record: history.Record{Version: "1.0.0"}, want: "not made from a repository's release"},
		"another archive":    {record: history.Record{Version: "1.0.0", Repository: "test", Digest: digest("1.1.0")}, want: "repository main has something else of version 1.0.0"},
		"another version":    {record: history.Record{Version: "3.0.0", Repository: "test", Digest: "aa"}, want: `there is no version "3.0.0" of a`},
		"another repository": {record: history.Record{Version: "1.0.0", Repository: "two", Digest: "aa"}, want: `repository that calls itself "two"`},
		"another hook":       {record: history.Record{Version: "1.0.0", Repository: "test", Digest: digest("1.0.0"), HookDigest: "aa"}, want: "recorded of its hook does not fit"},
		"no archive":         {record: history.Record{Version: "1.0.0", Repository: "test", Digest: digest("1.0.0")}, missing: true, want: "a-1.0.0.tgz"},
	} {
		t.Run(name, func(t *testing.T) {
			c := *c
			if w.missing {
				c = *clientOf(t, site)
				update(t, &c)
				archive := site.Get(index.ArchivePath("a", "1.0.0"))
				site.Remove(index.ArchivePath("a", "1.0.0"))
				defer site.Put(index.ArchivePath("a", "1.0.0"), archive)
			}
			s := &Source{target: target{client: &c, ID: api.Installation{Namespace: "web", Name: "a"}, action: rollback, options: Options{DryRun: true}}}
			p, err := preparedToGoBack(t, s, &w.record)
			switch {
			case w.forbidden && trust.CodeOf(err) != trust.Revoked:
				t.Errorf("got %v, want REVOKED", err)
			case w.forbidden:
				return
			case err != nil || p.past.fromRecord() != (w.want != "") || !strings.Contains(p.past.unverified, w.want):
				t.Fatalf("got %+v, %v, want %q", p, err, w.want)
			}
			got, err := change{s, p}.record(derivations{})
			must(t, err)
			if w.want == "" && (!strings.HasPrefix(got.Signer, "ci (key ") || got.Pin == "" || got.To != 1) ||
				w.want != "" && (got.Signer != "" || got.Pin != "" || got.Digest != w.record.Digest) {
				t.Errorf("the record is %+v", got)
			}
		})
	}
}

// The objects of a record are read as strictly as those of a Kube, and a Secret
// without its values is never made.
func TestRecordedObjects(t *testing.T) {
	for name, c := range map[string]struct{ manifest, want string }{
		"an object":             {`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"web"}}`, ""},
		"a Secret":              {`{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a","namespace":"web"},"data":{"k":"dg=="}}`, ""},
		"a Secret elsewhere":    {`{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a","namespace":"db"}}`, "Secret db/a is not in namespace web"},
		"a Secret with a value": {`{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a","namespace":"db"},"data":{"k":"dg=="}}`, "Secret db/a is not in namespace web"},
		"no object":             {`{"kind":"ConfigMap"}`, "reading revision 3 of a in namespace web: revision-3/1.json"},
		"two keys":              {`{"apiVersion":"v1","kind":"A","kind":"B","metadata":{"name":"a"}}`, "revision-3/1.json"},
	} {
		t.Run(name, func(t *testing.T) {
			b := &pastRevision{number: 3, record: &history.Record{Manifests: []json.RawMessage{json.RawMessage(c.manifest)}}, unverified: "it was edited"}
			objects, err := b.objects(api.Installation{Namespace: "web", Name: "a"})
			if c.want == "" && (err != nil || len(objects) != 1) || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, %v, want %q", objects, err, c.want)
			}
		})
	}
}

// An installation is left behind when what it needs moves out of its range, and
// there is nothing else that meets it.
func TestDeserted(t *testing.T) {
	at := func(namespace, name, version string, needs ...index.Dependency) history.Listed {
		id := api.Installation{Namespace: namespace, Name: name}
		return history.Listed{Installation: id, Installed: &history.Revision{Installation: id, Version: version, Dependencies: needs}}
	}
	need := func(version string) index.Dependency { return index.Dependency{Name: "a", Version: version} }
	us := at("web", "a", "0.9.0")
	wide := func(id api.Installation) bool { return id.Namespace == "all" }
	next := &history.Revision{Version: "1.0.0"}
	for name, c := range map[string]struct {
		there []history.Listed
		next  *history.Revision
		want  string
	}{
		"nobody":             {[]history.Listed{us}, next, ""},
		"one in range":       {[]history.Listed{us, at("web", "b", "1.0.0", need("<=1"))}, next, ""},
		"one out of it":      {[]history.Listed{us, at("web", "b", "1.0.0", need("<1"))}, next, "Dependency a (<1) of b in namespace web would no longer be satisfied."},
		"one elsewhere":      {[]history.Listed{us, at("db", "b", "1.0.0", need("<1"))}, next, ""},
		"met from elsewhere": {[]history.Listed{at("all", "a", "1.0.0"), us, at("web", "b", "1.0.0", need("<=1"))}, nil, ""},
		"out of it already":  {[]history.Listed{us, at("web", "b", "1.0.0", need("<0.5"))}, next, ""},
		"met by another":     {[]history.Listed{us, at("web", "b", "1.0.0", need("<1")), at("all", "a", "0.8.0")}, next, ""},
		"out of reach":       {[]history.Listed{us, at("web", "b", "1.0.0", need("<1")), at("db", "a", "0.8.0")}, next, "Dependency a (<1) of b in namespace web would no longer be satisfied."},
		"a forged range":     {[]history.Listed{us, at("web", "b", "1.0.0", need("!"))}, next, ""},
		"gone":               {[]history.Listed{us, at("web", "b", "1.0.0", need(""))}, nil, "Dependency a of b in namespace web would no longer be satisfied."},
		"gone, unneeded":     {[]history.Listed{us, at("web", "b", "1.0.0", need(">1"))}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, strings.Join((companions{c.there, wide}).deserted(us.Installation, c.next), "\n")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// preparedToGoBack goes the way of Rollback from a record to what can be planned.
func preparedToGoBack(t *testing.T, s *Source, r *history.Record) (*Prepared, error) {
	t.Helper()
	rel, unverified, err := s.releaseOf(t.Context(), r)
	if err != nil {
		return nil, err
	}
	s.release, s.past = rel, &pastRevision{1, r, unverified}
	f, err := s.Fetch(t.Context())
	if err != nil {
		return nil, err
	}
	return f.Prepare()
}
