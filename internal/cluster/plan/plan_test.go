package plan

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/cluster/api"
)

func TestSortEntries(t *testing.T) {
	var entries []Entry
	for _, action := range []Action{Kept, Removed, Added} {
		for _, ref := range []api.Ref{
			{APIVersion: "admissionregistration.k8s.io/v1", Kind: "ValidatingWebhookConfiguration", Namespace: "", Name: "w"}, {APIVersion: "example.com/v1", Kind: "Service", Namespace: "ns", Name: "mine"},
			{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "ns", Name: "d"}, {APIVersion: "v1", Kind: "Service", Namespace: "ns", Name: "s"}, {APIVersion: "v1", Kind: "Secret", Namespace: "ns", Name: "s"}, {APIVersion: "v1", Kind: "Namespace", Namespace: "", Name: "n"},
		} {
			entries = append(entries, Entry{Ref: ref, Action: action})
		}
	}
	sortEntries(entries)
	var got []string
	for _, e := range entries {
		got = append(got, fmt.Sprintf("%s %s", e.Action, e.Kind))
	}
	up := []string{"Namespace", "Secret", "Service", "Deployment", "Service", "ValidatingWebhookConfiguration"}
	var want []string
	for _, k := range up {
		want = append(want, "added "+k)
	}
	for _, k := range []string{"Service", "ValidatingWebhookConfiguration", "Deployment", "Service", "Secret", "Namespace"} {
		want = append(want, "removed "+k)
	}
	for _, k := range up {
		want = append(want, "kept "+k)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPlanErr(t *testing.T) {
	for _, c := range []struct {
		codes []Code
		want  error
	}{
		{[]Code{CodeInvalid}, api.ErrRefused}, {[]Code{CodeInvalid, CodeForbidden}, api.ErrForbidden}, {[]Code{CodeNamespace}, api.ErrNotFound},
		{[]Code{CodeInvalid, CodeForeign}, api.ErrConflict}, {[]Code{CodeCRD}, api.ErrConflict}, {[]Code{CodeOther, CodeInvalid}, api.ErrConflict},
	} {
		p := &Plan{}
		for _, code := range c.codes {
			p.Refusals = append(p.Refusals, Refusal{Ref: api.Ref{Kind: "Pod", Name: "a"}, Code: code, Reason: "why", Source: "a.yaml:1"})
		}
		if err := p.Err(); !errors.Is(err, c.want) || !strings.HasPrefix(err.Error(), "Pod a (a.yaml:1): why") {
			t.Errorf("%v: got %v", c.codes, err)
		}
	}
	if err := (&Plan{}).Err(); err != nil {
		t.Error(err)
	}
}

func TestDress(t *testing.T) {
	in := map[string]any{
		"apiVersion": "v1", "kind": "Secret", "status": map[string]any{"a": "b"},
		"metadata":   map[string]any{"name": "a", "namespace": "other", "uid": "x", "managedFields": []any{}, "labels": map[string]any{api.LabelInstallation: "forged", "app": "a"}},
		"data":       map[string]any{"a": "b2xk", "c": "ZA=="},
		"stringData": map[string]any{"a": "new"},
	}
	before := fmt.Sprint(in)
	got, err := withLabels(in, api.Ref{APIVersion: "v1", Kind: "Secret", Namespace: "ns", Name: "a"}, api.Installation{Namespace: "ns", Name: "web"})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"apiVersion": "v1", "kind": "Secret", "data": map[string]any{"a": "bmV3", "c": "ZA=="},
		"metadata": map[string]any{"name": "a", "namespace": "ns", "labels": map[string]any{api.LabelInstallation: "web", api.LabelNamespace: "ns", "app": "a"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if fmt.Sprint(in) != before {
		t.Error("the manifest was changed")
	}
	for _, bad := range []map[string]any{
		{"stringData": map[string]any{"a": int64(1)}}, {"metadata": map[string]any{"labels": []any{"a"}}},
	} {
		if _, err := withLabels(bad, api.Ref{APIVersion: "v1", Kind: "Secret", Namespace: "ns", Name: "a"}, api.Installation{Namespace: "ns", Name: "web"}); !errors.Is(err, api.ErrRefused) {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

func TestPermissions(t *testing.T) {
	role := func(rules ...any) map[string]any { return map[string]any{"rules": rules} }
	rule := func(verbs, groups, resources, names []any) map[string]any {
		return map[string]any{"verbs": verbs, "apiGroups": groups, "resources": resources, "resourceNames": names}
	}
	a := rule([]any{"get"}, []any{""}, []any{"pods"}, nil)
	b := rule([]any{"get", "list"}, []any{"", "apps"}, []any{"x"}, []any{"n"})
	urls := map[string]any{"verbs": []any{"get"}, "nonResourceURLs": []any{"/metrics"}}
	binding := map[string]any{
		"roleRef":  map[string]any{"kind": "ClusterRole", "name": "cluster-admin"},
		"subjects": []any{map[string]any{"kind": "ServiceAccount", "name": "web", "namespace": "ns"}, map[string]any{"kind": "Group", "name": "all"}},
	}
	for _, c := range []struct {
		kind          string
		before, after map[string]any
		want          []string
	}{
		{"Role", nil, role(a), []string{"get of pods"}},
		{"Role", role(a), role(a), nil},
		{"Role", role(a), role(), nil},
		{"Role", role(a), role(a, b, urls), []string{"get, list of x, x.apps named n", "get of /metrics"}},
		{"RoleBinding", nil, binding, []string{"ServiceAccount ns/web gets ClusterRole cluster-admin", "Group all gets ClusterRole cluster-admin"}},
		{"Pod", nil, role(a), nil},
	} {
		var got []string
		for _, n := range permissions(api.Ref{APIVersion: "rbac.authorization.k8s.io/v1", Kind: c.kind, Namespace: "ns", Name: "a"}, c.before, c.after) {
			got = append(got, n.Text)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.kind, diff)
		}
	}
}

// Of many refusals with one reason the first are told.
func TestPlanErrOfMany(t *testing.T) {
	p := &Plan{}
	for i := range 12 {
		r := Refusal{Ref: api.Ref{Kind: "Pod", Name: fmt.Sprint(i)}, Code: CodeOther, Reason: "it is another's"}
		switch i {
		case 7:
			r.Reason = "it is too large"
		case 8, 9, 10, 11:
			r.Reason = "it is too small"
		}
		p.Refusals = append(p.Refusals, r)
	}
	want := `Pod 0: it is another's
Pod 1: it is another's
Pod 2: it is another's
4 more: it is another's
Pod 7: it is too large
Pod 8: it is too small
Pod 9: it is too small
Pod 10: it is too small
Pod 11: it is too small`
	if diff := cmp.Diff(want, p.Err().Error()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
