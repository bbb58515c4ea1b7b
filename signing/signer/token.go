package signer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/kpm-sh/kpm/internal/errcode"
)

// audience is whom an identity token is for.
const audience = "sigstore"

// ActionsToken gives identity tokens of a job of GitHub Actions, which tells the job
// where to ask (ACTIONS_ID_TOKEN_REQUEST_URL) and with which secret
// (ACTIONS_ID_TOKEN_REQUEST_TOKEN).
func ActionsToken(at, secret string, transport http.RoundTripper) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		token, err := askToken(ctx, at, secret, patient{ctx: ctx, base: transport, pause: time.Second})
		if err != nil {
			return "", errcode.With(errcode.NoSignature, nil, fmt.Errorf("getting an identity token: %w", err))
		}
		return token, nil
	}
}

func askToken(ctx context.Context, at, secret string, transport http.RoundTripper) (string, error) {
	u, err := url.Parse(at)
	if err != nil || !confidential(at) {
		return "", errors.New("the address to ask is no https URL")
	}
	q := u.Query()
	q.Set("audience", audience)
	u.RawQuery = q.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return "", err
	}
	r.Header.Set("Authorization", "Bearer "+secret)
	r.Header.Set("Accept", "application/json")
	resp, err := transport.RoundTrip(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close() //nolint:errcheck // it was read already, see patient
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return "", err
	}
	var said struct{ Value string }
	if err := json.Unmarshal(body, &said); err != nil || resp.StatusCode != http.StatusOK || said.Value == "" {
		return "", fmt.Errorf("%s answers %d and no token", u.Host, resp.StatusCode)
	}
	return said.Value, nil
}
