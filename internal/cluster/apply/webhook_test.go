package apply

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/clustertest"
	"github.com/kpm-sh/kpm/internal/cluster/plan"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
)

// A server that still asks a webhook which the plan has deleted is asked again;
// one that asks a webhook of somebody else is not.
func TestWebhooksLinger(t *testing.T) {
	const fault = `{"kind":"Status","status":"Failure","reason":"InternalError","code":500,"message":"Internal error occurred: failed calling webhook \"pots.example.com\": no route to host"}`
	hook := plan.Entry{Ref: api.Ref{APIVersion: "admissionregistration.k8s.io/v1", Kind: "ValidatingWebhookConfiguration", Name: "pots"}, Action: plan.Removed}
	for name, c := range map[string]struct {
		entries []plan.Entry
		gone    bool
	}{"a webhook of the plan": {[]plan.Entry{hook}, true}, "another's": {nil, false}} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			k, err := api.Connect(t.Context(), api.Options{Config: clustertest.Serve(t, map[string]http.HandlerFunc{
				"DELETE /pot": func(w http.ResponseWriter, r *http.Request) {
					if asked++; asked <= 2 {
						clustertest.Answer(http.StatusInternalServerError, fault)(w, r)
					}
				},
			})})
			if err != nil {
				t.Fatal(err)
			}
			a := New(ready.NewWaiter(k), &plan.Plan{Entries: c.entries})
			err = retryAnswered(t.Context(), a, plan.Entry{Ref: api.Ref{APIVersion: "v1", Kind: "Service", Name: "pot"}}, func() error {
				_, err := k.Do(t.Context(), api.Request{Method: http.MethodDelete, Path: "/pot"})
				return err
			})
			if c.gone && (err != nil || asked != 3) || !c.gone && (asked != 1 || !strings.Contains(fmt.Sprint(err), "failed calling webhook")) {
				t.Errorf("after %d tries: %v", asked, err)
			}
		})
	}
}
