package main

import (
	"context"
	"errors"
	"slices"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/internal/cluster"
)

// change takes the steps from what was begun to what is done, and asks between
// them. What is installed together is planned together: nothing is applied before
// all of it can be.
func (f changeFlags) change(ctx context.Context, std *stdio, k *cluster.Cluster, in *client.Installing, yes bool) error {
	all := []*client.Installing{in}
	if f.WithDependencies {
		before, err := in.Missing(ctx)
		if err != nil {
			return err
		}
		for _, b := range before {
			std.step("%s needs %s", in.ID.Name, b)
		}
		all = append(before, in)
	}
	for _, each := range all {
		if err := f.prepare(ctx, std, each, yes); err != nil {
			return err
		}
	}
	plans, question, err := planned(ctx, all)
	if f.DryRun == "server" && len(plans) > 0 && (err == nil || f.Output == "json") {
		return errors.Join(err, f.show(std, plans))
	}
	if err != nil {
		return err
	}
	for i, each := range all {
		announce(std, each, plans[i], question)
	}
	if question != nil {
		if err := std.ask(ctx, *question, yes); err != nil {
			return err
		}
	}
	for _, each := range all {
		if err := f.fits(ctx, std, each, yes); err != nil {
			return err
		}
	}
	for i, each := range all {
		if len(all) > 1 {
			std.step("%s", each)
		}
		if err := f.carryOut(ctx, std, k, each, yes); err != nil {
			return f.halted(ctx, std, all[:i], err)
		}
	}
	return nil
}

// prepare takes one to where it can be planned.
func (f changeFlags) prepare(ctx context.Context, std *stdio, in *client.Installing, yes bool) error {
	if q := in.Yanked(); q != nil {
		if err := std.ask(ctx, *q, yes || f.DryRun == "server"); err != nil {
			return err
		}
	}
	if err := f.needs(ctx, std, in, yes); err != nil {
		return err
	}
	if err := in.Fetch(ctx); err != nil {
		return err
	}
	return f.hook(ctx, std, in, f.DryRun == "server", yes)
}

// planned plans all, and gives what has to be asked of any of them as one question.
// After an error the plan that cannot be applied is the last.
func planned(ctx context.Context, all []*client.Installing) ([]*cluster.Plan, *client.Question, error) {
	var plans []*cluster.Plan
	var question *client.Question
	for _, in := range all {
		plan, q, err := in.Plan(ctx)
		if plan != nil {
			plans = append(plans, plan)
		}
		switch {
		case err != nil:
			return plans, nil, err
		case question == nil:
			question = q
		case q != nil:
			question.Facts = append(question.Facts, q.Facts...)
		}
	}
	return plans, question, nil
}

// carryOut applies one, once those before it are there.
func (f changeFlags) carryOut(ctx context.Context, std *stdio, k *cluster.Cluster, in *client.Installing, yes bool) error {
	plan, question, err := in.PlanAgain(ctx)
	if err != nil {
		return err
	}
	if question != nil {
		if err := std.ask(ctx, *question, yes); err != nil {
			return err
		}
	}
	return f.apply(ctx, std, k, in, plan)
}

// halted says what was done of what was to be done together, or takes it back.
func (f changeFlags) halted(ctx context.Context, std *stdio, done []*client.Installing, failure error) error {
	declined := errors.Is(failure, errDeclined)
	if f.RollbackOnFailure && ctx.Err() == nil && !declined {
		for _, in := range slices.Backward(done) {
			if errors.As(failure, new(*halfUndoneError)) {
				break // what is left of it may need the others
			}
			std.step("%s was installed for it, and is taken back", in)
			failure = f.takeBack(ctx, in, client.Applying{Waiting: std.waiting()}, failure)
			done = done[:len(done)-1]
		}
	}
	for _, in := range done {
		std.step("%s is installed, and stays", in)
	}
	if len(done) > 0 && declined {
		return errPartly
	}
	return failure
}

// fits tells which claims an install finds, and asks where what is new does not fit
// what they hold.
func (f changeFlags) fits(ctx context.Context, std *stdio, in *client.Installing, yes bool) error {
	for _, found := range in.Found() {
		std.step("%s is there already, and is used with what it holds", found.Ref)
	}
	q, made := in.Unfit()
	if q == nil {
		return nil
	}
	for _, found := range in.Found() {
		for _, secret := range found.Other {
			std.step("to keep both, give with --set or -f what %s says now", secret)
		}
		std.step("to begin anew: kubectl delete pvc %s -n %s", found.Name, found.Namespace)
	}
	return std.ask(ctx, *q, yes && !made)
}
