package client

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/kpm-sh/kpm/internal/index"
)

// Finding is one thing that the doctor looked at.
type Finding struct {
	Subject string `json:"subject"`
	OK      bool   `json:"ok"`
	Text    string `json:"text"`
}

// soon is how long before an expiry the doctor speaks up.
const soon = 3 * day

// Doctor examines the home and every repository in it. It changes nothing, and
// reads every record, which takes a while.
func (c *Client) Doctor() []Finding {
	list := []Finding{c.examineHome()}
	all, err := c.Standings()
	if err != nil {
		return append(list, Finding{"configuration", false, err.Error()})
	}
	if len(all) == 0 {
		list = append(list, Finding{"repositories", false, "none is configured; type kpm repo add"})
	}
	for _, s := range all {
		list = append(list, c.examine(s)...)
	}
	return append(list, c.agreed()...)
}

func (c *Client) examineHome() Finding {
	f := Finding{Subject: "home", Text: c.Home.Dir}
	info, err := os.Stat(c.Home.Dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.OK, f.Text = true, c.Home.Dir+" (not made yet)"
		return f
	case err == nil && !info.IsDir():
		f.Text += " is no folder"
		return f
	}
	if err := c.Home.Check(); err != nil {
		f.Text = err.Error()
		return f
	}
	probe, err := os.CreateTemp(c.Home.Dir, ".doctor-*")
	if err != nil {
		f.Text += " cannot be written to: " + err.Error()
		return f
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		f.Text += " cannot be written to: " + err.Error()
		return f
	}
	f.OK = true
	return f
}

func (c *Client) examine(s Standing) []Finding {
	subject := "repository " + s.Repository.Alias
	if s.Trouble != nil {
		return []Finding{{subject, false, s.Trouble.Error()}}
	}
	now := c.Now()
	text := fmt.Sprintf("%d Kubes, published %s", s.Kubes, s.Issued.UTC().Format(time.RFC3339))
	list := []Finding{{subject, true, text}}
	if left := s.Expires.Sub(now); left < soon {
		list = append(list, Finding{subject, false, fmt.Sprintf("its index expires at %s; type kpm update", s.Expires.UTC().Format(time.RFC3339))})
	}
	if left := s.TrustExpires.Sub(now); !s.TrustExpires.IsZero() && left < soon {
		list = append(list, Finding{subject, false, fmt.Sprintf("its trust document expires at %s; type kpm update", s.TrustExpires.UTC().Format(time.RFC3339))})
	}
	if err := c.recount(s.Repository); err != nil {
		list = append(list, Finding{subject, false, err.Error()})
	}
	return list
}

// recount adds up all records anew: a record that was damaged on disk shows.
func (c *Client) recount(r Repository) error {
	h, err := c.hold(r)
	if err != nil {
		return err
	}
	defer h.close()
	if h.Catalog == nil {
		return fmt.Errorf("its catalog is damaged; type kpm update")
	}
	var tally index.Tally
	for line, err := range h.Lines() {
		if err != nil {
			return fmt.Errorf("its catalog is damaged (%w); type kpm update", err)
		}
		tally.Add(line)
	}
	if tally.Kubes != h.Kubes || tally.Sum() != h.Sum {
		return fmt.Errorf("its records are not those that were published; type kpm repo remove %s, and add it again", r.Alias)
	}
	return nil
}
