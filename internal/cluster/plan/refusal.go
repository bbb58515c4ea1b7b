package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/errcode"
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
	CodeConverter     Code = "converter" // what has to convert it did not answer
	CodeNamespace     Code = "namespace" // missing or terminating
)

// Refusal is why an object cannot be applied.
type Refusal struct {
	api.Ref
	Source string `json:"source,omitempty"`
	Code   Code   `json:"code"`
	Reason string `json:"reason"`

	ways []way // past it
}

func (r Refusal) String() string {
	if r.Source == "" {
		return fmt.Sprintf("%s: %s", r.Ref, r.Reason)
	}
	return fmt.Sprintf("%s (%s): %s", r.Ref, r.Source, r.Reason)
}

// Err is nil when the plan can be applied. Otherwise it lists the refusals, of
// many with one reason the first; it is an ErrConflict when one of them is, else
// ErrNotFound, ErrForbidden, that of a webhook or ErrRefused.
func (p *Plan) Err() error {
	if len(p.Refusals) == 0 {
		return nil
	}
	class := api.ErrRefused
	same := map[string]int{} // by reason
	for _, r := range p.Refusals {
		same[r.Reason]++
		class = moreSevere(class, classOf(r.Code))
	}
	var lines []string
	told := map[string]int{}
	for _, r := range p.Refusals {
		told[r.Reason]++
		switch {
		case told[r.Reason] < maxTold || same[r.Reason] == maxTold:
			lines = append(lines, p.Scrub(r.String()))
		case told[r.Reason] == maxTold:
			lines = append(lines, fmt.Sprintf("%d more: %s", same[r.Reason]-maxTold+1, r.Reason))
		}
	}
	return &api.Error{Classes: append([]error{class}, p.ways(class)...), Text: strings.Join(lines, "\n")}
}

// maxTold is how many lines of an error have the same reason at most.
const maxTold = 4

// way is what the user may say so that something is not refused: the code and the facts
// of an error.
type way struct {
	code   errcode.Code
	object string           // "": none is named
	owner  api.Installation // the zero value: none is named
}

// ways are those past the refusals, each once with all that it is about.
func (p *Plan) ways(class error) []error {
	var order []way
	objects := map[way][]string{}
	for _, r := range p.Refusals {
		for _, w := range r.ways {
			object := w.object
			w.object = ""
			if objects[w] == nil {
				order = append(order, w)
			}
			if !slices.Contains(objects[w], object) {
				objects[w] = append(objects[w], object)
			}
		}
	}
	var all []error
	for _, w := range order {
		facts := errcode.Facts{"objects": objects[w], "name": w.owner.Name, "namespace": w.owner.Namespace}
		all = append(all, errcode.With(w.code, facts, class))
	}
	return all
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
	case CodeConverter:
		return api.ErrUnconverted
	}
	return api.ErrRefused
}

func moreSevere(a, b error) error {
	for _, class := range []error{api.ErrConflict, api.ErrNotFound, api.ErrForbidden, api.ErrUnanswered, api.ErrUnconverted} {
		if a == class || b == class { //nolint:errorlint // classes themselves
			return class
		}
	}
	return api.ErrRefused
}
