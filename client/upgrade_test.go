package client

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/client/workcopy"
	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
	"github.com/kpm-sh/kpm/internal/hook"
	"github.com/kpm-sh/kpm/internal/sitetest"
)

// An upgrade without a version goes to the newest release of the repository that
// the installation is from, and never back.
func TestNewest(t *testing.T) {
	one := sitetest.New(t)
	one.Publish(sitetest.Release("a", "1.0.0"))
	one.Publish(sitetest.Release("a", "2.0.0-rc.1"))
	one.Publish(sitetest.Release("a", "1.1.0"))
	c := clientOf(t, one)
	update(t, c)
	for name, w := range map[string]struct {
		installed history.Revision
		ref       repos.Ref
		pre       bool
		want      string // "" is an error
	}{
		"the newest":                   {history.Revision{Version: "1.0.0", Repository: one.Name}, repos.Ref{Name: "a"}, false, "1.1.0"},
		"a pre-release when asked":     {history.Revision{Version: "1.0.0", Repository: one.Name}, repos.Ref{Name: "a"}, true, "2.0.0-rc.1"},
		"not back":                     {history.Revision{Version: "2.0.0-rc.1", Repository: one.Name}, repos.Ref{Name: "a"}, false, "2.0.0-rc.1"},
		"back when it is named":        {history.Revision{Version: "1.1.0", Repository: one.Name}, repos.Ref{Name: "a", Version: "1.0.0"}, false, "1.0.0"},
		"from a folder":                {history.Revision{Version: "1.0.0"}, repos.Ref{Name: "a"}, false, "1.1.0"},
		"from a repository not here":   {history.Revision{Version: "1.0.0", Repository: "two"}, repos.Ref{Name: "a"}, false, ""},
		"a repository that is named":   {history.Revision{Version: "1.0.0", Repository: "two"}, repos.Ref{Repository: "main", Name: "a"}, false, "1.1.0"},
		"not there in that repository": {history.Revision{Version: "1.0.0", Repository: one.Name}, repos.Ref{Name: "b"}, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w.installed.Status = history.Installed
			s := &Source{target: target{client: c, cluster: &api.Client{}, options: Options{Pre: w.pre}, state: history.State{Revisions: []history.Revision{w.installed}}}}
			rel, err := s.newest(t.Context(), w.ref)
			switch {
			case w.want == "" && !errors.As(err, new(*repos.NotFoundError)):
				t.Errorf("got %v, want a *NotFoundError", err)
			case w.want != "" && (err != nil || rel.Version != w.want):
				t.Errorf("got %+v, %v, want %s", rel, err, w.want)
			}
		})
	}
}

// What an upgrade gives up beside objects is asked for.
func TestLosses(t *testing.T) {
	for name, w := range map[string]struct {
		had    history.Revision
		opened Opened
		action hook.Action
		want   string
	}{
		"a folder again":           {history.Revision{}, Opened{}, hook.Upgrade, ""},
		"edits":                    {history.Revision{Edited: true}, Opened{}, hook.Upgrade, "a in namespace web is installed from a copy that was edited"},
		"the edited copy itself":   {history.Revision{Edited: true}, Opened{Copy: &workcopy.Copy{}}, hook.Upgrade, ""},
		"a folder for a release":   {history.Revision{Repository: "test"}, Opened{}, hook.Upgrade, `is from repository "test", and this is for which nobody vouches`},
		"an install gives up none": {history.Revision{Edited: true}, Opened{}, hook.Install, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := sourceOf(t, w.had, "")
			s.action = w.action
			got := strings.Join(change{s, &Prepared{from: &Fetched{opened: &w.opened}}}.givenUp(), "\n")
			if !strings.Contains(got, w.want) || (got == "") != (w.want == "") {
				t.Errorf("got %q, want %q", got, w.want)
			}
		})
	}
}

// No message shows a value of now or of before, nor what a hook set.
func TestSecretsOfAnUpgrade(t *testing.T) {
	s := sourceOf(t, history.Revision{}, `{"k":"before"}`)
	s.last = &history.Record{HookFiles: map[string][]byte{hook.ValuesPath: []byte("p: made\n")}}
	own, err := Values{Set: []string{"k=now"}}.layers()
	must(t, err)
	got := change{s, preparedOf(nil, hooked{}, own)}.secrets(derivations{})
	slices.Sort(got)
	if diff := cmp.Diff([]string{"before", "made", "now"}, got); diff != "" {
		t.Errorf("secrets (-want +got):\n%s", diff)
	}
}

// The values of a record, and those of its Secrets, are in no status.
func TestSecretsOfARecord(t *testing.T) {
	mask := secrets(api.Installation{Namespace: "web-space", Name: "shop-name"}, &history.Record{
		Overrides: json.RawMessage(`{"a":{"b":"tweety-bird","c":"web-space","d":"shop-name"}}`),
		Derived:   []history.Place{{APIVersion: "v1", Kind: "ConfigMap", Name: "a", Pointer: "/data/x~1y"}, {Kind: "none"}},
		Manifests: []json.RawMessage{
			json.RawMessage(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"x/y":"DRIB-YTEEWT","z":"shown-text"}}`),
			json.RawMessage(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"b"},"data":{"x/y":"also-shown"}}`),
			json.RawMessage(`{"kind":"Secret","data":{"k":"aGVjdG9yLWRvZw=="}}`), json.RawMessage(`{"kind":"Secret","data":[]}`),
		},
	})
	b := scrubbed(ready.Blocked{
		Why: "tweety-bird DRIB-YTEEWT shown-text also-shown in web-space of shop-name", Events: []string{"hector-dog"},
		Containers: []ready.Container{{State: "aGVjdG9yLWRvZw==", Log: []string{"a tweety-bird"}}},
	}, mask.Scrub)
	want := ready.Blocked{
		Why: "(hidden) (hidden) shown-text also-shown in web-space of shop-name", Events: []string{"(hidden)"},
		Containers: []ready.Container{{State: "(hidden)", Log: []string{"a (hidden)"}}},
	}
	if diff := cmp.Diff(want, b); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}
	if secrets(api.Installation{}).Scrub("plain") != "plain" {
		t.Error("without a record something is hidden")
	}
}
