package api

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// statusOf is what the server said that err stands for, the zero value when it said
// nothing.
func statusOf(err error) metav1.Status {
	if status, ok := errors.AsType[*apierrors.StatusError](err); ok {
		return status.ErrStatus
	}
	return metav1.Status{}
}

// StatusCode is the HTTP status that err stands for, or 0.
func StatusCode(err error) int { return int(statusOf(err).Code) }

// FieldConflicts lists the fields that other managers have, as in
// `.spec.replicas: conflict with "kubectl-scale" using apps/v1`.
func FieldConflicts(err error) []string {
	var found []string
	if details := statusOf(err).Details; details != nil {
		for _, cause := range details.Causes {
			if cause.Type == metav1.CauseTypeFieldManagerConflict {
				found = append(found, cause.Field+": "+cause.Message)
			}
		}
	}
	return found
}

// Unconverted tells whether the server could not convert an object because the webhook
// of its CRD does not answer. A Status has no code for that, only the server's words.
func Unconverted(err error) bool {
	status := statusOf(err)
	return status.Code == http.StatusInternalServerError && strings.Contains(status.Message, "conversion webhook for ")
}

// Unanswered tells whether the server refused because a webhook did not answer.
func Unanswered(err error) bool { return SilentWebhook(err) != "" }

// SilentWebhook is the name of the webhook that did not answer the server, or "". A
// Status has no field for that, only the server's words.
func SilentWebhook(err error) string {
	status := statusOf(err)
	_, name, called := strings.Cut(status.Message, "failed calling webhook ")
	if !called || status.Code != http.StatusInternalServerError {
		return ""
	}
	quoted, _ := strconv.QuotedPrefix(name) //nolint:errcheck // no name is none
	name, _ = strconv.Unquote(quoted)       //nolint:errcheck // as above
	return name
}
