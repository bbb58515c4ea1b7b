package repos

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/home"
	"github.com/kpm-sh/kpm/internal/index"
)

// Doctor examines the home and every repository in it. It changes nothing, and
// reads every record, which takes a while.
func (s *Set) Doctor() []Finding {
	list := []Finding{examineHome(s.Home)}
	all, err := s.Repositories()
	if err != nil {
		return append(list, fault("configuration", err))
	}
	if len(all) == 0 {
		list = append(list, fault("repositories", errcode.New(errcode.NoRepository, "none is configured")))
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
		return []Finding{fault(subject, s.Err)}
	}
	now := r.opt.Now()
	text := fmt.Sprintf("Kubes: %d, published %s", s.Kubes, s.Issued.UTC().Format(time.RFC3339))
	list := []Finding{{Subject: subject, OK: true, Text: text}, {Subject: subject, OK: true, Text: s.trusts()}}
	if left := s.Expires.Sub(now); left < expiresSoon {
		list = append(list, expiring(subject, "index", s.Expires))
	}
	if left := s.TrustExpires.Sub(now); !s.TrustExpires.IsZero() && left < expiresSoon {
		list = append(list, expiring(subject, "trust document", s.TrustExpires))
	}
	if err := r.recount(); err != nil {
		list = append(list, fault(subject, err))
	}
	return list
}

// trusts says whom the home trusts for a repository, since when, and until when.
func (s Status) trusts() string {
	var names []string
	for _, signer := range s.Signers {
		names = append(names, fmt.Sprintf("%s (%s)", signer.Name, strings.Join(signer.Roles, ", ")))
	}
	text := "trusts " + strings.Join(names, ", ")
	if s.Pin != nil {
		text += fmt.Sprintf(" by trust document %d", s.Pin.Version)
	}
	if !s.TrustSince.IsZero() {
		text += ", since " + s.TrustSince.UTC().Format(time.DateOnly)
	}
	if !s.TrustExpires.IsZero() {
		text += ", until " + s.TrustExpires.UTC().Format(time.DateOnly)
	}
	return text
}

func expiring(subject, what string, at time.Time) Finding {
	return fault(subject, errcode.New(errcode.Expiring, fmt.Sprintf("its %s expires at %s", what, at.UTC().Format(time.RFC3339))))
}

// recount adds up all records anew: a record that was damaged on disk shows.
func (r *Repository) recount() error {
	h, err := r.stored()
	if err != nil {
		return err
	}
	if h.Catalog == nil {
		return errcode.New(errcode.DamagedCatalog, "its catalog is damaged")
	}
	var tally index.Tally
	for line, err := range h.Lines() {
		if err != nil {
			return errcode.With(errcode.DamagedCatalog, nil, fmt.Errorf("its catalog is damaged: %w", err))
		}
		tally.Add(line)
	}
	if tally.Kubes != h.Kubes || tally.Sum() != h.Sum {
		return errcode.With(errcode.OtherRecords, errcode.Facts{"name": r.Alias}, errors.New("its records are not those that were published"))
	}
	return nil
}

// examine gives the findings about hooks.
func (f ConfigFile) examine() []Finding {
	given, outdated, err := f.Consents()
	if err != nil {
		return []Finding{fault("hooks", err)}
	}
	var list []Finding
	for _, g := range given {
		list = append(list, Finding{Subject: "hook of " + g.Kube, OK: true, Text: g.String()})
	}
	if len(outdated) > 0 {
		list = append(list, Finding{Subject: "hooks", OK: true, Text: fmt.Sprintf("an older kpm remembers %d scripts that you agreed to; they are asked about again", len(outdated))})
	}
	return list
}
