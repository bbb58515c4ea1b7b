package render

import (
	"context"
	"fmt"
	"testing"

	"github.com/kpm-sh/kpm/internal/kube"
)

// Where the time of all templates is over, one problem names the template that it
// ended in, and no other is begun.
func TestOverdue(t *testing.T) {
	k := &kube.Kube{Files: []kube.File{{Path: "manifests/a.yaml.tmpl", Data: []byte("a")}, {Path: "manifests/b.yaml.tmpl", Data: []byte("b")}}}
	ctx, cancel := context.WithCancelCause(context.WithValue(t.Context(), budgetKey{}, &budget{}))
	cancel(errOverdue)
	_, err := Render(ctx, k, nil, Options{})
	const want = "manifests/a.yaml.tmpl: rendering all templates takes longer than 10s; this is where it ended"
	if fmt.Sprint(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
