package api

import (
	"net/http"
	"testing"

	"github.com/kpm-sh/kpm/internal/cluster/clustertest"
)

// What a server answers in the place of a log is none.
func TestLogThatIsNotGiven(t *testing.T) {
	c, err := serve(t, Options{}, map[string]http.HandlerFunc{
		"/version": clustertest.Answer(http.StatusOK, `{"gitVersion":"v1.36.3"}`),
		"/api/v1/namespaces/a/pods/b/log": clustertest.Answer(http.StatusInternalServerError,
			`{"kind":"Status","apiVersion":"v1","status":"Failure","message":"the node does not answer","code":500}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	log, err := c.Log(t.Context(), Pods.RefTo("a", "b"), "c", 100, 0, false)
	if log != "" || err == nil {
		t.Errorf("got the log %q, %v", log, err)
	}
}
