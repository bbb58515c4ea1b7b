package history

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

const revision1 = "/api/v1/namespaces/web/secrets/kpm.web.v1"

func (f *fakeStore) begin() *Lock {
	f.t.Helper()
	l, err := f.Begin(f.t.Context(), f.id, 0, Record{Action: "install"}, Holder{Run: "run"})
	if err != nil {
		f.t.Fatal(err)
	}
	return l
}

// taken lets somebody else have the pending record.
func taken(f *fakeStore) {
	f.Change(revision1, func(o map[string]any) {
		object.Map(o, "metadata", "annotations")["kpm.sh/holder"] = `{"run":"another"}`
	})
}

// A holder whose record was taken stops before its next write, and leaves the record
// to who has it. One that slept finds out before it writes anything.
func TestStopsWhenTaken(t *testing.T) {
	f := fake(t)
	l := f.begin()
	taken(f)
	l.mu.Lock()
	l.touched = time.Now().Add(-f.Stale)
	l.mu.Unlock()
	if err := l.May(t.Context()); !errors.Is(err, api.ErrConflict) {
		t.Errorf("the next write: got %v, want ErrConflict", err)
	}
	if err := l.Finish(t.Context(), nil, Installed); !errors.Is(err, api.ErrConflict) {
		t.Errorf("finish: got %v, want ErrConflict", err)
	}
	if now := f.Live(revision1); object.Text(now, "metadata", "labels", "kpm.sh/status") != string(Pending) || !strings.Contains(object.Text(now, "metadata", "annotations", "kpm.sh/holder"), "another") {
		t.Errorf("the record of the other is %v", object.Map(now, "metadata"))
	}
}

// The record of a holder at work is touched, so that nobody takes it for lost.
func TestBeats(t *testing.T) {
	f := fake(t)
	f.Beat = time.Millisecond
	l := f.begin()
	touches := make(chan struct{}, 2)
	f.Before(func(r *http.Request) int {
		if r.Method == http.MethodPatch && r.URL.Path == revision1 {
			select {
			case touches <- struct{}{}:
			default:
			}
		}
		return 0
	})
	<-touches
	<-touches // the one before is done
	f.Before(nil)
	if object.Text(f.Live(revision1), "metadata", "annotations", "kpm.sh/beat") == "" {
		t.Error("the record is not touched")
	}
	if err := l.Finish(t.Context(), nil, Failed); err != nil {
		t.Fatal(err)
	}
	if got := object.Text(f.Live(revision1), "metadata", "labels", "kpm.sh/status"); got != string(Failed) {
		t.Errorf("a failure is recorded as %s", got)
	}
}
