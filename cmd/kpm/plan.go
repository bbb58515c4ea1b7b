package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/internal/cluster/plan"
)

// printPlan prints what a plan does, object by object with the fields that change,
// and what one should know before one agrees.
func printPlan(std *stdio, p *plan.Plan) {
	if p.Unverified != "" {
		std.line("%s", p.Unverified)
	}
	if p.CreateNamespace {
		std.line("added Namespace %s: --create-namespace makes it, nothing removes it", p.Installation.Namespace)
	}
	for _, e := range p.Entries {
		printEntry(std, e)
	}
	for _, note := range planNotes(p) {
		std.line("%s", note)
	}
}

func printEntry(std *stdio, e plan.Entry) {
	text := fmt.Sprintf("%s %s", e.Action, e.Ref)
	if e.Reason != "" {
		text += ": " + e.Reason
	}
	if e.Recorded {
		text += " (from the cluster, not confirmed)"
	}
	if e.Offline && e.Action != plan.Replaced {
		text += " (checked offline only)"
	}
	std.line("%s", text)
	for _, change := range e.Changes {
		lines := change.Lines()
		std.line("  %s", lines[0])
		for _, line := range lines[1:] {
			std.source("  " + line)
		}
	}
	if e.Adopted || len(e.Stays) > 0 {
		std.line("  %s", adopted(e))
	}
}

// maxStays is how many fields of others are named of an adopted object.
const maxStays = 8

// adopted says whose an adopted object becomes, and what of it does not.
func adopted(e plan.Entry) string {
	text := "is taken over"
	if n := len(e.Stays); n > 0 {
		text += ", but for what others have set and this Kube does not, which stays: " + strings.Join(e.Stays[:min(n, maxStays)], ", ")
		if n > maxStays {
			text += fmt.Sprintf(" and %d more", n-maxStays)
		}
	}
	return text
}

// announce says on the way to applying a plan what it does, but for what the user
// is asked about. Of a first install, where all is new, the number of objects is
// enough.
func announce(std *stdio, installed bool, p *plan.Plan, asked *client.Question) {
	for _, e := range p.Entries {
		if e.Action == plan.Changed || e.Action == plan.GivenUp || e.Action == plan.Added && installed {
			std.step("%s will be %s", e.Ref, e.Action)
		}
		if e.Adopted || len(e.Stays) > 0 {
			std.step("%s %s", e.Ref, adopted(e))
		}
	}
	for _, note := range planNotes(p) {
		if asked == nil || !slices.ContainsFunc(asked.Facts, func(fact string) bool { return strings.HasSuffix(note, fact) }) {
			std.step("%s", note)
		}
	}
}

// planNotes are what one should know of a plan beside its objects: what is new out of
// the namespace, who may do what, and what happens to volumes and definitions.
func planNotes(p *plan.Plan) []string {
	var all []string
	if len(p.Outside) > 0 {
		refs := make([]string, len(p.Outside))
		for i, ref := range p.Outside {
			refs[i] = ref.String()
		}
		all = append(all, "new out of the namespace: "+strings.Join(refs, ", "))
	}
	for _, kind := range []struct {
		word  string
		notes []plan.Note
	}{{"permission", p.Permissions}, {"volume", p.Volumes}, {"definition", p.CRDs}} {
		for _, n := range kind.notes {
			all = append(all, fmt.Sprintf("%s: %s: %s", kind.word, n.Ref, n.Text))
		}
	}
	return all
}
