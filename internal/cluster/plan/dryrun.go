package plan

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// dryRun applies d without effect and returns the object as it would be.
func (p *planner) dryRun(ctx context.Context, d *desired, uid string) (map[string]any, error) {
	after, _, err := p.ServerSideApply(ctx, p.dryRunOf(d, uid, true))
	return after, err
}

func (p *planner) dryRunOf(d *desired, uid string, whole bool) api.Patch {
	return api.Patch{
		Resource: d.resource, Ref: d.ref, Value: d.value, Manager: p.request.Installation.Manager(),
		UID: uid, Force: uid != "" && !d.shared && (p.request.ForceConflicts || d.inherits), DryRun: true, Whole: whole,
	}
}

// immutable tells whether the server refused because a field cannot be changed.
func immutable(err error) bool { return immutableReason(err) != "" }

// immutableReason is the first cause that says so, its first line, without the
// object that it came from. The texts are those of
// Kubernetes' validation; there is no code for it.
func immutableReason(err error) string {
	var status *apierrors.StatusError
	if !errors.As(err, &status) || status.ErrStatus.Code != http.StatusUnprocessableEntity || status.ErrStatus.Details == nil {
		return ""
	}
	for _, cause := range status.ErrStatus.Details.Causes {
		if unchangeable(cause) {
			reason, _, _ := strings.Cut(withoutObjects(cause.Field+": "+cause.Message), "\n")
			return reason
		}
	}
	return ""
}

func unchangeable(cause metav1.StatusCause) bool {
	if strings.HasPrefix(cause.Field, "metadata") {
		return false
	}
	for _, words := range []string{"field is immutable", "may not change once set", "cannot change roleRef", "updates to ", "are forbidden", "pod updates may not change"} {
		if strings.Contains(cause.Message, words) {
			return true
		}
	}
	return false
}

// immutableService says why a Service has to be made again of which the server does
// not say it: it keeps "None" for an address that is no longer wanted so, and its dry
// run finds no address for one that had none.
func immutableService(wanted, live map[string]any, manager string) string {
	spec, was := object.Map(wanted, "spec"), object.Map(live, "spec")
	if object.Text(live, "kind") != "Service" || object.Text(live, "apiVersion") != "v1" || object.Text(spec, "type") == "ExternalName" || spec["clusterIP"] != nil {
		return ""
	}
	ours := hasAt(object.Applied(live, manager), []string{"f:spec", "f:clusterIP"})
	switch {
	case object.Text(was, "clusterIP") == "None" && ours:
		return "spec.clusterIP: a headless Service gets no address any more"
	case object.Text(was, "type") == "ExternalName":
		return "spec.type: it has no address, and the server cannot try to give it one"
	}
	return ""
}

// saidOf is the text of a refusal as it may be shown.
func saidOf(err error) string { return withoutObjects(err.Error()) }

// withoutObjects takes out of a refusal the whole objects that validation quotes in
// it. They are pages long, and nobody knows which of their values are secret.
func withoutObjects(text string) string {
	const quote = "Invalid value: "
	var out strings.Builder
	for {
		before, after, found := strings.Cut(text, quote+"{")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		d := json.NewDecoder(strings.NewReader("{" + after))
		if d.Decode(new(json.RawMessage)) != nil {
			out.WriteString(quote + "{")
			text = after
			continue
		}
		text = strings.TrimPrefix(("{" + after)[d.InputOffset():], ": ")
	}
}

// replaceable tells whether an object may be deleted and made again. Nothing that
// holds data or other objects may.
func replaceable(r api.Ref) bool {
	return !r.Is("", "PersistentVolumeClaim", "PersistentVolume", "Namespace") &&
		!r.Is("apiextensions.k8s.io", "CustomResourceDefinition")
}
