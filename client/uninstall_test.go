package client

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/plan"
)

// Who is asked before objects are deleted is told what goes with them.
func TestUninstallQuestion(t *testing.T) {
	web := api.Ref{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "web", Name: "a"}
	room := api.Ref{APIVersion: "v1", Kind: "Namespace", Name: "web"}
	claim := api.Ref{APIVersion: "v1", Kind: "PersistentVolumeClaim", Namespace: "web", Name: "a"}
	pots := api.Ref{APIVersion: "apiextensions.k8s.io/v1", Kind: "CustomResourceDefinition", Name: "pots"}
	pans := api.Ref{APIVersion: "apiextensions.k8s.io/v1", Kind: "CustomResourceDefinition", Name: "pans"}
	u := uninstalling{ID: api.Installation{Namespace: "web", Name: "a"}, Plan: &plan.Plan{
		Entries: []plan.Entry{
			{Ref: web, Action: plan.Removed}, {Ref: claim, Action: plan.Removed}, {Ref: pots, Action: plan.Removed},
			{Ref: room, Action: plan.Removed}, {Ref: pans, Action: plan.Kept},
		},
		CRDs:    []plan.Note{{Ref: pots, Text: "2 objects of it", Others: "1 object that is not of a: Pot b/x"}, {Ref: pans, Text: "stays", Stays: true, Others: "2 objects that are not of a: Pan b/x, Pan b/y"}},
		Volumes: []plan.Note{{Ref: claim, Text: "its data goes, too"}, {Ref: web, Text: "its claims stay", Stays: true}},
	}}
	want := []string{
		"CustomResourceDefinition pans stays with 2 objects that are not of a: Pan b/x, Pan b/y; nobody may serve them when a is gone",
		"Deployment web/a will be removed", "PersistentVolumeClaim web/a will be removed: its data goes, too",
		"CustomResourceDefinition pots will be removed: 2 objects of it, with 1 object that is not of a: Pot b/x", "Namespace web will be removed: everything in it goes, too",
	}
	if diff := cmp.Diff(want, u.Question().Facts); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
	u.Plan.Entries = u.Plan.Entries[4:]
	if q := u.Question(); q != nil {
		t.Errorf("nothing is removed, and yet asked for: %v", q.Facts)
	}
}
