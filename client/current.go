package client

import (
	"errors"
	"fmt"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/trust"
)

// current gives the newest trust document and the stored head of a repository,
// verified anew, and refuses them when either has expired.
func (c *Client) current(r Repository) (*trust.Document, *trust.Head, error) {
	doc, err := c.chain(r)
	if errors.Is(err, errNoTrust) {
		return nil, nil, &NotUpdatedError{r.Alias}
	}
	if err != nil {
		return nil, nil, err
	}
	s, err := c.shelf(r)
	if err != nil {
		return nil, nil, err
	}
	defer closeAll([]shelf{s})
	st, err := readState(s.State())
	if err != nil {
		return nil, nil, err
	}
	env, err := index.DecodeEnvelope(st.Head)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the catalog of %s: %w", r.Alias, err)
	}
	floor, err := c.readFloor(r)
	if err != nil {
		return nil, nil, err
	}
	head, err := trust.VerifyHead(doc, env)
	if err != nil {
		return nil, nil, err
	}
	grace, err := r.grace()
	if err != nil {
		return nil, nil, err
	}
	now := floor.Now(c.Now())
	if err := doc.CheckExpiry(now, grace); err != nil {
		return nil, nil, err
	}
	return doc, head, head.CheckFresh(now, grace)
}
