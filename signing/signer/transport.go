package signer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/kpm-sh/kpm/internal/errcode"
)

const (
	maxAnswer = 1 << 20          // bytes of an answer
	maxAsked  = 4                // times that a service is asked
	maxWait   = 30 * time.Second // between two of them, whatever Retry-After says
	maxSilent = time.Minute      // for one answer; a log gives it when the entry is in it
)

// patient asks a service that is overloaded, or cannot be reached, again. What it
// returns is read to its end, and is an answer that a service meant.
type patient struct {
	ctx   context.Context // of the whole signature: the libraries above lose it
	base  http.RoundTripper
	pause time.Duration // before the second request, four times as much before the third
}

// RoundTrip is http.RoundTripper's. A service that answers but does not serve is an
// error of code NO_SIGNATURE.
func (p patient) RoundTrip(r *http.Request) (*http.Response, error) {
	pause := p.pause
	for asked := 1; ; asked++ {
		resp, wait, err := p.once(r)
		if err == nil || asked == maxAsked || p.ctx.Err() != nil {
			return resp, err
		}
		if err := sleep(p.ctx, min(max(pause, wait), maxWait)); err != nil {
			return nil, err
		}
		pause *= 4
	}
}

// once sends a request and reads the answer. Wait is how long the service asks to be
// left alone.
func (p patient) once(r *http.Request) (resp *http.Response, wait time.Duration, err error) {
	ctx, cancel := context.WithTimeout(p.ctx, maxSilent)
	defer cancel()
	again := r.Clone(ctx)
	if r.GetBody != nil {
		if again.Body, err = r.GetBody(); err != nil {
			return nil, 0, err
		}
	}
	if resp, err = p.base.RoundTrip(again); err != nil {
		return nil, 0, noAnswer(r, err)
	}
	defer resp.Body.Close() //nolint:errcheck // read only
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, 0, noAnswer(r, err)
	}
	if len(body) > maxAnswer {
		return nil, 0, noAnswer(r, fmt.Errorf("it answers more than %d bytes", maxAnswer))
	}
	if resp.StatusCode >= 500 || resp.StatusCode == http.StatusTooManyRequests {
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After")) //nolint:errcheck // none, or a date: the pause counts
		return nil, time.Duration(max(0, min(seconds, int(maxWait.Seconds())))) * time.Second, noAnswer(r, answered(resp.StatusCode, body))
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, 0, nil
}

// noAnswer is an error of code NO_SIGNATURE, which names the service. Whoever may read
// the error must not learn what a query holds.
func noAnswer(r *http.Request, err error) error {
	return errcode.With(errcode.NoSignature, nil, fmt.Errorf("asking %s://%s: %w", r.URL.Scheme, r.URL.Host, err))
}

// plain is an error without what http.Client says of the request: noAnswer names it.
func plain(err error) error {
	var of *url.Error
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}

// answered says what a service answered.
func answered(status int, body []byte) error {
	said := strings.Join(strings.Fields(string(body)), " ")
	if len(said) > 300 {
		said = strings.ToValidUTF8(said[:300], "") + "…"
	}
	return fmt.Errorf("it answers %d: %q", status, said)
}

// sleep waits, unless ctx ends before.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
