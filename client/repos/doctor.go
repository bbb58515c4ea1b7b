package repos

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/kpm-sh/kpm/internal/home"
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
func (s *Set) Doctor() []Finding {
	list := []Finding{examineHome(s.Home)}
	all, err := s.Repositories()
	if err != nil {
		return append(list, Finding{"configuration", false, err.Error()})
	}
	if len(all) == 0 {
		list = append(list, Finding{"repositories", false, "none is configured; type kpm repo add"})
	}
	for _, r := range all {
		list = append(list, r.examine()...)
	}
	return append(list, s.ConfigFile().examine()...)
}

func examineHome(h home.Home) Finding {
	f := Finding{Subject: "home", Text: h.Dir}
	info, err := os.Stat(h.Dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.OK, f.Text = true, h.Dir+" (not made yet)"
		return f
	case err == nil && !info.IsDir():
		f.Text += " is no folder"
		return f
	}
	if err := h.Check(); err != nil {
		f.Text = err.Error()
		return f
	}
	probe, err := os.CreateTemp(h.Dir, ".doctor-*")
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

func (r *Repository) examine() []Finding {
	s := r.Status()
	subject := "repository " + r.Alias
	if s.Err != nil {
		return []Finding{{subject, false, s.Err.Error()}}
	}
	now := r.opt.Now()
	text := fmt.Sprintf("%d Kubes, published %s", s.Kubes, s.Issued.UTC().Format(time.RFC3339))
	list := []Finding{{subject, true, text}}
	if left := s.Expires.Sub(now); left < soon {
		list = append(list, Finding{subject, false, fmt.Sprintf("its index expires at %s; type kpm update", s.Expires.UTC().Format(time.RFC3339))})
	}
	if left := s.TrustExpires.Sub(now); !s.TrustExpires.IsZero() && left < soon {
		list = append(list, Finding{subject, false, fmt.Sprintf("its trust document expires at %s; type kpm update", s.TrustExpires.UTC().Format(time.RFC3339))})
	}
	if err := r.recount(); err != nil {
		list = append(list, Finding{subject, false, err.Error()})
	}
	return list
}

// recount adds up all records anew: a record that was damaged on disk shows.
func (r *Repository) recount() error {
	h, err := r.stored()
	if err != nil {
		return err
	}
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

// examine gives the findings about hooks.
func (f ConfigFile) examine() []Finding {
	given, outdated, err := f.Consents()
	if err != nil {
		return []Finding{{"hooks", false, err.Error()}}
	}
	var list []Finding
	for _, g := range given {
		list = append(list, Finding{"hook of " + g.Kube, true, g.String()})
	}
	if len(outdated) > 0 {
		list = append(list, Finding{"hooks", true, fmt.Sprintf("an older kpm remembers %d scripts that you agreed to; they are asked about again", len(outdated))})
	}
	return list
}
