package cluster

import (
	"fmt"

	"github.com/go-json-experiment/json"
)

// page is a part of a list of metadata. Who manages the fields of an object is
// passed over: that is most of the text, and nothing that a list needs.
type page struct {
	Metadata struct {
		Continue string `json:"continue"`
	} `json:"metadata"`
	Items []struct {
		Metadata listedMeta `json:"metadata"`
	} `json:"items"`
}

type listedMeta struct {
	Name            string         `json:"name"`
	Namespace       string         `json:"namespace"`
	UID             string         `json:"uid"`
	ResourceVersion string         `json:"resourceVersion"`
	Labels          map[string]any `json:"labels"`
	Annotations     map[string]any `json:"annotations"`
}

func (a answer) page() (page, error) {
	var p page
	if err := json.Unmarshal(a.body, &p); err != nil {
		return page{}, fmt.Errorf("reading the server's answer: %w", err)
	}
	return p, nil
}

// fields are the metadata as an object has them.
func (m listedMeta) fields() map[string]any {
	return map[string]any{
		"name": m.Name, "namespace": m.Namespace, "uid": m.UID, "resourceVersion": m.ResourceVersion,
		"labels": m.Labels, "annotations": m.Annotations,
	}
}
