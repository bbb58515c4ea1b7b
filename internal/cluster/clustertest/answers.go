package clustertest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
)

func (s *Server) discovery(w http.ResponseWriter, core bool) {
	groups := map[string][]any{}
	for _, r := range kinds {
		scope := "Cluster"
		if r.Namespaced {
			scope = "Namespaced"
		}
		if core == (r.Group == "") {
			groups[r.Group] = append(groups[r.Group], map[string]any{
				"resource": r.Plural, "scope": scope, "verbs": []string{"get", "list"},
				"responseKind": map[string]any{"group": r.Group, "version": r.Version, "kind": r.Kind},
			})
		}
	}
	var items []any
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		items = append(items, map[string]any{
			"metadata": map[string]any{"name": name}, "versions": []any{map[string]any{"version": "v1", "resources": groups[name]}},
		})
	}
	answerJSON(w, http.StatusOK, map[string]any{"kind": "APIGroupDiscoveryList", "items": items})
}

func answerJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		panic(err)
	}
}

func refuseWith(w http.ResponseWriter, status int, reason, message string, causes []any) {
	answerJSON(w, status, map[string]any{
		"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "message": message, "code": status,
		"details": map[string]any{"causes": causes},
	})
}

func joinVersion(group, version string) string {
	if group == "" {
		return version
	}
	return group + "/" + version
}
