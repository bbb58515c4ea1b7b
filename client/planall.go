package client

import (
	"context"
	"slices"
)

// PlanAll plans what is installed by one command, in its order: prepared[i] is of
// sources[i]. It gives what has to be asked of any of them as one question. After an
// error the plan that cannot be applied is the last.
func PlanAll(ctx context.Context, sources []*Source, prepared []*Prepared) ([]*Planned, *Question, error) {
	var all []*Planned
	var question *Question
	for i, s := range sources {
		p, err := s.Plan(ctx, prepared[i], all...)
		if p != nil {
			all = append(all, p)
		}
		switch {
		case err != nil:
			return all, nil, err
		case p.Question != nil && question == nil:
			question = &Question{Ask: p.Question.Ask}
			fallthrough
		case p.Question != nil:
			question.Facts = append(question.Facts, p.Question.Facts...)
			question.InPerson = question.InPerson || p.Question.InPerson
		}
	}
	return all, question, nil
}

// Again is for when what comes before was applied: it makes the plan once more if the
// server could not check all of it. Its question is about what was not to be seen in
// the first plan.
func (p *Planned) Again(ctx context.Context) (*Planned, error) {
	if len(p.circle.before) == 0 || !p.Plan.Unchecked() {
		again := *p
		again.Question = nil
		return &again, nil
	}
	again, err := p.source.Plan(ctx, p.prepared)
	if err != nil || again.Question == nil || p.Question == nil {
		return again, err
	}
	again.Question.Facts = slices.DeleteFunc(again.Question.Facts, func(fact string) bool { return slices.Contains(p.Question.Facts, fact) })
	if len(again.Question.Facts) == 0 {
		again.Question = nil
	}
	return again, nil
}
