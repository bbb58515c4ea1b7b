package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/plan"
	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/words"
)

// change takes the steps of the client's chain from source to what was done, and asks
// between them. What is installed by one command is planned before any of it is applied.
// With --dry-run it ends with the plans, also with those that are refused.
func (f changeFlags) change(ctx context.Context, c *client.Client, std *stdio, k *api.Client, source *client.Source, yes bool) ([]*plan.Plan, error) {
	sources := []*client.Source{source}
	if f.WithDependencies {
		var err error
		if sources, err = source.WithDependencies(ctx); err != nil {
			return nil, err
		}
		for _, s := range sources[:len(sources)-1] {
			std.step("%s needs %s", source.ID.Name, s)
		}
	}
	var prepared []*client.Prepared
	for _, s := range sources {
		p, err := f.prepareSource(ctx, c, std, s, yes)
		if err != nil {
			return nil, err
		}
		prepared = append(prepared, p)
	}
	planned, question, err := client.PlanAll(ctx, sources, prepared)
	if f.DryRun == "server" {
		return plansOf(planned), err
	}
	if err != nil {
		return nil, err
	}
	for i, p := range planned {
		announce(std, sources[i].Installed(), p.Plan, question)
	}
	if question != nil {
		if err := std.ask(ctx, *question, yes); err != nil {
			return nil, err
		}
	}
	for _, p := range planned {
		if err := askUnfit(ctx, std, p, yes); err != nil {
			return nil, err
		}
	}
	return nil, f.applyAll(ctx, std, k, sources, planned, yes)
}

func plansOf(planned []*client.Planned) []*plan.Plan {
	var plans []*plan.Plan
	for _, p := range planned {
		plans = append(plans, p.Plan)
	}
	return plans
}

// prepareSource asks what has to be asked before a Kube is fetched, and prepares it.
func (f changeFlags) prepareSource(ctx context.Context, c *client.Client, std *stdio, s *client.Source, yes bool) (*client.Prepared, error) {
	preview := f.DryRun == "server"
	if q := s.Yanked(); q != nil {
		if err := std.ask(ctx, *q, yes || preview); err != nil {
			return nil, err
		}
	}
	if err := f.askUnmet(ctx, std, s, yes || preview); err != nil {
		return nil, err
	}
	fetched, err := s.Fetch(ctx)
	if err != nil {
		return nil, err
	}
	return f.prepare(ctx, c, std, fetched, preview, yes)
}

// askUnmet warns of needs that are not met, and asks whether to go on.
func (f changeFlags) askUnmet(ctx context.Context, std *stdio, s *client.Source, yes bool) error {
	lacks, err := s.Unmet(ctx)
	if err != nil || len(lacks) == 0 {
		return err
	}
	for _, lack := range lacks {
		std.warn(lack)
	}
	fmt.Fprintln(std.err, "!!-> This package may not function correctly.")
	if yes || f.Force {
		return nil
	}
	return std.confirm(ctx, "Continue?", "Continue? ")
}

// askUnfit tells which claims an install finds, and asks where what is new does not fit
// what they hold.
func askUnfit(ctx context.Context, std *stdio, p *client.Planned, yes bool) error {
	for _, found := range p.Plan.Found {
		std.step("%s is there already, and is used with what it holds", found.Ref)
	}
	q, made := p.Unfit()
	if q == nil {
		return nil
	}
	for _, found := range p.Plan.Found {
		for _, secret := range found.Other {
			if made {
				std.step("to keep both, give with --set or -f what %s says now; that helps where the hook takes a value that is given. Where it does not, write into hook-values.yaml of a folder what it would set, and say --hook-files with the folder", secret)
			} else {
				std.step("to keep both, give with --set or -f what %s says now", secret)
			}
		}
		std.step("to begin anew: kubectl delete pvc %s -n %s", found.Name, found.Namespace)
	}
	return std.ask(ctx, *q, yes)
}

// applyAll applies one after the other, each once those before it are there.
func (f changeFlags) applyAll(ctx context.Context, std *stdio, k *api.Client, sources []*client.Source, planned []*client.Planned, yes bool) error {
	var done []*client.Applied
	for i, p := range planned {
		if len(planned) > 1 {
			std.step("%s", sources[i])
		}
		a, err := f.applyOne(ctx, std, k, p, yes)
		if err != nil {
			return f.stopped(ctx, std, done, err)
		}
		done = append(done, a)
	}
	return nil
}

func (f changeFlags) applyOne(ctx context.Context, std *stdio, k *api.Client, p *client.Planned, yes bool) (*client.Applied, error) {
	p, err := p.Again(ctx)
	if err != nil {
		return nil, err
	}
	if p.Question != nil {
		if err := std.ask(ctx, *p.Question, yes); err != nil {
			return nil, err
		}
	}
	if r := p.Idle(); r != nil {
		std.step("Nothing changes: %s %s is revision %d already", r.Installation.Name, versionOf(*r), r.Number)
	} else {
		std.step("Applying %s to namespace %s of cluster %s", words.Count(len(p.Plan.Applied()), "object"), p.Plan.Installation.Namespace, k.Host)
	}
	wait := f.wait(std)
	a, err := p.Apply(ctx, wait)
	switch {
	case ctx.Err() != nil && err != nil:
		return nil, errHalfway
	case err != nil:
		for _, b := range a.Explain(ctx, err) {
			std.blocked(b)
		}
		if f.RollbackOnFailure && !a.OnlyStays(err) {
			std.step("It failed, and is taken back")
			err = undo(ctx, a, wait, err)
		}
		return nil, err
	}
	std.step("Done")
	return a, nil
}

// stopped says what was done of what one command was to do, or undoes it.
func (f changeFlags) stopped(ctx context.Context, std *stdio, done []*client.Applied, failure error) error {
	declined := errors.Is(failure, errDeclined)
	if f.RollbackOnFailure && ctx.Err() == nil && !declined {
		for _, a := range slices.Backward(done) {
			if errors.As(failure, new(*halfUndoneError)) {
				break // what is left of it may need the others
			}
			std.step("%s was installed for it, and is taken back", a)
			failure = undo(ctx, a, f.wait(std), failure)
			done = done[:len(done)-1]
		}
	}
	for _, a := range done {
		std.step("%s is installed, and stays", a)
	}
	if len(done) > 0 && declined {
		return errPartly
	}
	return failure
}

// undo undoes what was applied. That it failed is still what is told.
func undo(ctx context.Context, a *client.Applied, wait client.Wait, failure error) error {
	if err := a.Undo(ctx, wait); err != nil {
		return &halfUndoneError{failure, err}
	}
	return failure
}

// halfUndoneError is a failure after which not even what was before came back.
type halfUndoneError struct{ failure, undoing error }

func (e *halfUndoneError) Error() string {
	return fmt.Sprintf("%v; and taking it back failed: %v", e.failure, e.undoing)
}

// ErrorCode is HALF_UNDONE.
func (e *halfUndoneError) ErrorCode() errcode.Code { return errcode.HalfUndone }

// ErrorFacts are those of what could not be undone.
func (e *halfUndoneError) ErrorFacts() errcode.Facts {
	for code, facts := range errcode.All(e.undoing) {
		if code == errcode.HalfUndone {
			return facts
		}
	}
	return nil
}

// Unwrap gives the failure alone: the exit code is its.
func (e *halfUndoneError) Unwrap() error { return e.failure }
