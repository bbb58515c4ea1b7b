package cluster

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/clustertest"
)

// A server that still asks a webhook which the plan has deleted is asked again;
// one that asks a webhook of somebody else is not.
func TestWebhooksLinger(t *testing.T) {
	const fault = `{"kind":"Status","status":"Failure","reason":"InternalError","code":500,"message":"Internal error occurred: failed calling webhook \"pots.example.com\": no route to host"}`
	hook := Entry{Ref: api.Ref{APIVersion: "admissionregistration.k8s.io/v1", Kind: "ValidatingWebhookConfiguration", Name: "pots"}, Action: Removed}
	for name, c := range map[string]struct {
		entries []Entry
		gone    bool
	}{"a webhook of the plan": {[]Entry{hook}, true}, "another's": {nil, false}} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			k := fake(t)
			k.via.RoundTripper = roundTripper(func(r *http.Request) (*http.Response, error) {
				answer := httptest.NewRecorder()
				if asked++; asked <= 2 {
					clustertest.Answer(http.StatusInternalServerError, fault)(answer, r)
				}
				return answer.Result(), nil
			})
			a := k.newApplier(&Plan{Entries: c.entries}, nil)
			err := a.unhooked(t.Context(), Entry{Ref: api.Ref{APIVersion: "v1", Kind: "Service", Name: "pot"}}, func() error {
				_, err := k.Do(t.Context(), api.Request{Method: http.MethodDelete, Path: "/pot"})
				return err
			})
			if c.gone && (err != nil || asked != 3) || !c.gone && (asked != 1 || !strings.Contains(fmt.Sprint(err), "failed calling webhook")) {
				t.Errorf("after %d tries: %v", asked, err)
			}
		})
	}
}

// roundTripper answers requests in the place of a server.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
