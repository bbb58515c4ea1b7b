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

// answer is what a log answered.
type answer struct {
	request  *http.Request
	status   int
	location string
	body     []byte
}

// failed is why an answer is of no use, an error of code NO_SIGNATURE.
func (a answer) failed(err error) error { return noAnswer(a.request, err) }

// ask sends a request with a JSON body, nil for none.
func (l logClient) ask(method, at string, body []byte) (answer, error) {
	r, err := http.NewRequestWithContext(l.ctx, method, at, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("Accept", "application/json")
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	resp, err := l.client.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close() //nolint:errcheck // it was read already, see patient
	said, err := io.ReadAll(resp.Body)
	return answer{r, resp.StatusCode, resp.Header.Get("Location"), said}, err
}

// logV1 is a log of version 1.
type logV1 struct{ logClient }

// CreateLogEntry enters a signature, and gives the entry with the log's signed time.
func (l logV1) CreateLogEntry(p *entries.CreateLogEntryParams, _ ...entries.ClientOption) (*entries.CreateLogEntryCreated, error) {
	body, err := json.Marshal(p.ProposedEntry)
	if err != nil {
		return nil, err
	}
	a, err := l.ask(http.MethodPost, l.base+"/api/v1/log/entries", body)
	if err != nil {
		return nil, err
	}
	if a.status == http.StatusConflict {
		return l.entered(a.location)
	}
	return a.entry(http.StatusCreated)
}

// entered is the entry that a log had already.
func (l logV1) entered(location string) (*entries.CreateLogEntryCreated, error) {
	at, err := url.Parse(l.base)
	if err != nil {
		return nil, err
	}
	if at, err = at.Parse(location); err != nil || !strings.HasPrefix(at.String(), l.base+"/") {
		return nil, errEntered
	}
	a, err := l.ask(http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, err
	}
	return a.entry(http.StatusOK)
}

// entry is the one that a log of version 1 gives with the status.
func (a answer) entry(status int) (*entries.CreateLogEntryCreated, error) {
	if a.status != status {
		return nil, a.failed(answered(a.status, a.body))
	}
	var all models.LogEntry
	if err := json.Unmarshal(a.body, &all); err != nil {
		return nil, a.failed(fmt.Errorf("reading its answer: %w", err))
	}
	if len(all) != 1 {
		return nil, a.failed(fmt.Errorf("it gives %d entries, not one", len(all)))
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
	a, err := l.ask(http.MethodPost, l.base+"/api/v2/log/entries", body)
	switch {
	case err != nil:
		return nil, err
	case a.status == http.StatusConflict:
		return nil, errEntered
	case a.status != http.StatusCreated:
		return nil, a.failed(answered(a.status, a.body))
	}
	var e protorekor.TransparencyLogEntry
	if err := protojson.Unmarshal(a.body, &e); err != nil {
		return nil, a.failed(fmt.Errorf("reading its answer: %w", err))
	}
	return &e, nil
}
