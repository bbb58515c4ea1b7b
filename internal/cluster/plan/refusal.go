package plan

import (
	"fmt"

	"github.com/kpm-sh/kpm/internal/cluster/api"
)

// Code says what kind of refusal it is.
type Code string

// The codes. The first six stand for ErrConflict.
const (
	CodeForeign       Code = "foreign"        // unowned: it can be adopted
	CodeOther         Code = "other"          // another installation's
	CodeField         Code = "field"          // another manager has the field: can be forced
	CodeClusterScoped Code = "cluster-scoped" // an upgrade reaches out of the namespace: can be allowed
	CodeCRD           Code = "crd"            // stored objects would be lost
	CodeRecorded      Code = "recorded"       // it comes of what nobody confirms: can be accepted
	CodeInvalid       Code = "invalid"
	CodeForbidden     Code = "forbidden"
	CodeWebhook       Code = "webhook"   // one that has to agree did not answer
	CodeNamespace     Code = "namespace" // missing or terminating
)

// Refusal is why an object cannot be applied.
type Refusal struct {
	api.Ref
	Source string `json:"source,omitempty"`
	Code   Code   `json:"code"`
	Reason string `json:"reason"`
}

func (r Refusal) String() string {
	if r.Source == "" {
		return fmt.Sprintf("%s: %s", r.Ref, r.Reason)
	}
	return fmt.Sprintf("%s (%s): %s", r.Ref, r.Source, r.Reason)
}

func classOf(code Code) error {
	switch code {
	case CodeForeign, CodeOther, CodeField, CodeClusterScoped, CodeCRD, CodeRecorded:
		return api.ErrConflict
	case CodeNamespace:
		return api.ErrNotFound
	case CodeForbidden:
		return api.ErrForbidden
	case CodeWebhook:
		return api.ErrUnanswered
	}
	return api.ErrRefused
}

func heavier(a, b error) error {
	for _, class := range []error{api.ErrConflict, api.ErrNotFound, api.ErrForbidden, api.ErrUnanswered} {
		if a == class || b == class { //nolint:errorlint // classes themselves
			return class
		}
	}
	return api.ErrRefused
}
