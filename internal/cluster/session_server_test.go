package cluster

import (
	"errors"
	"net/http"
	"testing"
)

// loser loses the answers to writes of records after the server has done them.
type loser struct {
	http.RoundTripper
	lose int
}

func (l *loser) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.RoundTripper.RoundTrip(r)
	if err == nil && r.Method == http.MethodPatch && r.Header.Get("Content-Type") == mergePatch && l.lose > 0 {
		l.lose--
		_ = resp.Body.Close()
		return nil, errors.New("the connection broke")
	}
	return resp, err
}

// TestServerAnswersLost loses answers, which is no reason to think that the lock
// is lost.
func TestServerAnswersLost(t *testing.T) {
	p := somewhere(t)
	p.pace.beat = defaultTimeout
	s := p.begin(p.plan(settings, Request{}))
	l := &loser{RoundTripper: p.http.Transport, lose: 1}
	p.http.Transport = l
	if err := s.Apply(t.Context(), nil); !errors.Is(err, ErrUnreachable) {
		t.Fatalf("the first save: %v", err)
	}
	if err := s.Apply(t.Context(), nil); !errors.Is(err, ErrConflict) {
		t.Fatalf("applied twice: %v", err) // what was new is there
	}
	l.lose = 1
	if err := s.Finish(t.Context(), nil); !errors.Is(err, ErrUnreachable) {
		t.Errorf("the last save: %v", err)
	}
	if err := s.Finish(t.Context(), nil); err != nil {
		t.Errorf("the last save again: %v", err)
	}
	if got := p.state().Installed(); got == nil || got.Number != 1 {
		t.Errorf("the state is %+v", p.state())
	}
}
