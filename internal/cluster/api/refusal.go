package api

import (
	"errors"
	"net/http"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Unconverted tells whether the server could not convert an object because the webhook
// of its CRD does not answer. The text is the API server's; there is no code for it.
func Unconverted(err error) bool {
	return StatusCode(err) == http.StatusInternalServerError && strings.Contains(err.Error(), "conversion webhook for ")
}

// FieldConflicts lists the fields that other managers have, as in
// `.spec.replicas: conflict with "kubectl-scale" using apps/v1`.
func FieldConflicts(err error) []string {
	var status *apierrors.StatusError
	if !errors.As(err, &status) || status.ErrStatus.Details == nil {
		return nil
	}
	var found []string
	for _, cause := range status.ErrStatus.Details.Causes {
		if cause.Type == metav1.CauseTypeFieldManagerConflict {
			found = append(found, cause.Field+": "+cause.Message)
		}
	}
	return found
}

// Unanswered tells whether the server refused because a webhook did not answer.
// The text is the API server's; there is no code for it.
func Unanswered(err error) bool {
	return StatusCode(err) == http.StatusInternalServerError && strings.Contains(err.Error(), "failed calling webhook")
}
