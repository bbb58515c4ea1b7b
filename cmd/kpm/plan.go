package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/internal/cluster"
)

// printPlan prints what a plan does, object by object with the fields that change,
// and what one should know before one agrees.
func printPlan(std *stdio, plan *cluster.Plan) {
	if plan.Unverified != "" {
		std.line("%s", plan.Unverified)
	}
	if plan.CreateNamespace {
		std.line("added Namespace %s: --create-namespace makes it, nothing removes it", plan.Installation.Namespace)
	}
	for _, e := range plan.Entries {
		printEntry(std, e)
	}
	for _, note := range notes(plan) {
		std.line("%s", note)
	}
}

func printEntry(std *stdio, e cluster.Entry) {
	text := fmt.Sprintf("%s %s", e.Action, e.Ref)
	if e.Reason != "" {
		text += ": " + e.Reason
	}
	if e.Recorded {
		text += " (from the cluster, not confirmed)"
	}
	if e.Offline && e.Action != cluster.Replaced {
		text += " (checked offline only)"
	}
	std.line("%s", text)
	for _, change := range e.Changes {
		std.line("  %s", change)
	}
	if e.Adopted {
		std.line("  %s", adopted(e))
	}
}

// maxStays is how many fields of others are named of an adopted object.
const maxStays = 8

// adopted says whose an adopted object becomes, and what of it does not.
func adopted(e cluster.Entry) string {
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
func announce(std *stdio, installed bool, plan *cluster.Plan, asked *client.Question) {
	for _, e := range plan.Entries {
		if e.Action == cluster.Changed || e.Action == cluster.GivenUp || e.Action == cluster.Added && installed {
			std.step("%s will be %s", e.Ref, e.Action)
		}
		if e.Adopted {
			std.step("%s %s", e.Ref, adopted(e))
		}
	}
	for _, note := range notes(plan) {
		if asked == nil || !slices.ContainsFunc(asked.Facts, func(fact string) bool { return strings.HasSuffix(note, fact) }) {
			std.step("%s", note)
		}
	}
}

// notes are what one should know of a plan beside its objects: what is new out of
// the namespace, who may do what, and what happens to volumes and definitions.
func notes(plan *cluster.Plan) []string {
	var all []string
	if len(plan.Outside) > 0 {
		refs := make([]string, len(plan.Outside))
		for i, ref := range plan.Outside {
			refs[i] = ref.String()
		}
		all = append(all, "new out of the namespace: "+strings.Join(refs, ", "))
	}
	for _, kind := range []struct {
		word  string
		notes []cluster.Note
	}{{"permission", plan.Permissions}, {"volume", plan.Volumes}, {"definition", plan.CRDs}} {
		for _, n := range kind.notes {
			all = append(all, fmt.Sprintf("%s: %s: %s", kind.word, n.Ref, n.Text))
		}
	}
	return all
}
