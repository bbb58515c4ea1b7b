package signer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	protorekor "github.com/sigstore/protobuf-specs/gen/pb-go/rekor/v1"
	rekorv2 "github.com/sigstore/rekor-tiles/v2/pkg/generated/protobuf"
	"github.com/sigstore/rekor/pkg/generated/client/entries"
	"github.com/sigstore/rekor/pkg/generated/models"
	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore-go/pkg/sign"
	"google.golang.org/protobuf/encoding/protojson"
)

// errEntered says that a log has such an entry already, as it may when its first answer
// was lost. Another signature is another entry.
var errEntered = errors.New("the log has this entry already")

// transparency is a log as sigstore-go asks it, by our own client: it is bound to ctx, to
// sizes and to few requests.
func transparency(ctx context.Context, s root.Service, client *http.Client) sign.Transparency {
	l := logClient{ctx, strings.TrimSuffix(s.URL, "/"), client}
	o := &sign.RekorOptions{BaseURL: s.URL, Version: s.MajorAPIVersion}
	if s.MajorAPIVersion == 1 {
		o.Client = logV1{l}
	} else {
		o.ClientV2 = logV2{l}
	}
	return sign.NewRekor(o)
}

// logClient asks one log.
type logClient struct {
	ctx    context.Context // the interface of version 1 has none
	base   string
	client *http.Client
}

// ask sends a request with a JSON body, nil for none, and gives the answer with what it
// says.
func (l logClient) ask(method, at string, body []byte) (*http.Response, []byte, error) {
	r, err := http.NewRequestWithContext(l.ctx, method, at, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	r.Header.Set("Accept", "application/json")
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	resp, err := l.client.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close() //nolint:errcheck // it was read already, see patient
	said, err := io.ReadAll(resp.Body)
	return resp, said, err
}

// logV1 is a log of version 1.
type logV1 struct{ logClient }

// CreateLogEntry enters a signature, and gives the entry with the log's signed time.
func (l logV1) CreateLogEntry(p *entries.CreateLogEntryParams, _ ...entries.ClientOption) (*entries.CreateLogEntryCreated, error) {
	body, err := json.Marshal(p.ProposedEntry)
	if err != nil {
		return nil, err
	}
	resp, said, err := l.ask(http.MethodPost, l.base+"/api/v1/log/entries", body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode == http.StatusConflict {
		return l.entered(resp)
	}
	return oneEntry(resp, said, http.StatusCreated)
}

// entered is the entry that a log had already.
func (l logV1) entered(resp *http.Response) (*entries.CreateLogEntryCreated, error) {
	at, err := url.Parse(l.base)
	if err != nil {
		return nil, err
	}
	if at, err = at.Parse(resp.Header.Get("Location")); err != nil || !strings.HasPrefix(at.String(), l.base+"/") {
		return nil, errEntered
	}
	resp, said, err := l.ask(http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, err
	}
	return oneEntry(resp, said, http.StatusOK)
}

func oneEntry(resp *http.Response, said []byte, want int) (*entries.CreateLogEntryCreated, error) {
	if resp.StatusCode != want {
		return nil, noAnswer(resp.Request, answered(resp, said))
	}
	var all models.LogEntry
	if err := json.Unmarshal(said, &all); err != nil {
		return nil, noAnswer(resp.Request, fmt.Errorf("reading its answer: %w", err))
	}
	if len(all) != 1 {
		return nil, noAnswer(resp.Request, fmt.Errorf("it gives %d entries, not one", len(all)))
	}
	created := &entries.CreateLogEntryCreated{Payload: all}
	for id := range all {
		created.ETag = id
	}
	return created, nil
}

// GetLogEntryByUUID is never called: CreateLogEntry gives what was there already.
func (l logV1) GetLogEntryByUUID(*entries.GetLogEntryByUUIDParams, ...entries.ClientOption) (*entries.GetLogEntryByUUIDOK, error) {
	return nil, errEntered
}

// logV2 is a log of version 2.
type logV2 struct{ logClient }

// Add enters a signature, and gives the entry with the proof that it is in the log.
func (l logV2) Add(_ context.Context, entry any) (*protorekor.TransparencyLogEntry, error) {
	request, ok := entry.(*rekorv2.HashedRekordRequestV002)
	if !ok {
		return nil, fmt.Errorf("a %T is no entry of the log", entry)
	}
	body, err := protojson.Marshal(&rekorv2.CreateEntryRequest{Spec: &rekorv2.CreateEntryRequest_HashedRekordRequestV002{HashedRekordRequestV002: request}})
	if err != nil {
		return nil, err
	}
	resp, said, err := l.ask(http.MethodPost, l.base+"/api/v2/log/entries", body)
	switch {
	case err != nil:
		return nil, err
	case resp.StatusCode == http.StatusConflict:
		return nil, errEntered
	case resp.StatusCode != http.StatusCreated:
		return nil, noAnswer(resp.Request, answered(resp, said))
	}
	var e protorekor.TransparencyLogEntry
	if err := protojson.Unmarshal(said, &e); err != nil {
		return nil, noAnswer(resp.Request, fmt.Errorf("reading its answer: %w", err))
	}
	return &e, nil
}
