package api

import (
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// TestForeign lets an object be deleted that was recorded, or that the
// installation was about to make and has made.
func TestForeign(t *testing.T) {
	id := Installation{Namespace: "ns", Name: "web"}
	whole := func(change ...func(meta map[string]any)) map[string]any {
		meta := map[string]any{
			"uid": "1", "creationTimestamp": "2026-11-01T12:00:01Z",
			"labels":        map[string]any{LabelInstallation: "web", LabelNamespace: "ns"},
			"managedFields": []any{map[string]any{"manager": id.Manager(), "operation": "Apply", "time": "2026-11-01T12:00:00Z"}},
		}
		for _, c := range change {
			c(meta)
		}
		return map[string]any{"metadata": meta}
	}
	manager := func(key, value string) func(map[string]any) {
		return func(meta map[string]any) {
			object.List(map[string]any{"m": meta}, "m", "managedFields")[0][key] = value
		}
	}
	label := func(key, value string) func(map[string]any) {
		return func(meta map[string]any) { object.Map(meta, "labels")[key] = value }
	}
	unmanaged := func(meta map[string]any) { delete(meta, "managedFields") }
	for name, c := range map[string]struct {
		item Item
		live map[string]any
		want string
	}{
		"recorded":                    {Item{UID: "1"}, whole(unmanaged), ""},
		"not recorded":                {Item{}, whole(), "does not say which"},
		"another":                     {Item{UID: "2"}, whole(), "another object"},
		"planned and made":            {Item{Planned: true}, whole(), ""},
		"planned and made in place":   {Item{UID: "2", Planned: true}, whole(), ""},
		"planned, the one before":     {Item{UID: "1", Planned: true}, whole(unmanaged), ""},
		"planned, copied":             {Item{Planned: true}, whole(manager("manager", "kubectl")), "does not say which"},
		"planned, of another manager": {Item{Planned: true}, whole(manager("manager", "kpm:ns/db")), "does not say which"},
		"planned, updated":            {Item{Planned: true}, whole(manager("operation", "Update")), "does not say which"},
		"planned, was there":          {Item{Planned: true}, whole(manager("time", "2026-11-01T12:00:02Z")), "does not say which"},
		"planned, of no time":         {Item{Planned: true}, whole(manager("time", "")), "does not say which"},
		"planned, unmanaged":          {Item{Planned: true}, whole(unmanaged), "does not say which"},
		"planned, of another":         {Item{Planned: true}, whole(label(LabelNamespace, "other")), "it belongs to web in namespace other"},
		"planned, unlabelled":         {Item{Planned: true}, whole(func(meta map[string]any) { delete(meta, "labels") }), "does not carry"},
	} {
		got := id.Foreign(c.item, c.live)
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
