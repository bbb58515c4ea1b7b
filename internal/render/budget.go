package render

import (
	"context"
	"errors"
)

// budget is what renderings may use together: those of all templates of a Kube, and
// in a check those with each of its files of values.
type budget struct {
	steps   int // tags run and values computed so far
	printed int // bytes printed so far, also into variables
}

type budgetKey struct{}

// errOverdue is why a context of WithBudget ends.
var errOverdue = errors.New("rendering took too long")

// WithBudget gives a context whose renderings, one after the other, share one budget:
// MaxTime, and the bounds on steps and on printed bytes. Render alone has one for all
// templates of its Kube.
func WithBudget(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeoutCause(ctx, MaxTime, errOverdue)
	return context.WithValue(ctx, budgetKey{}, &budget{}), cancel
}

// withBudget is WithBudget for a context that may have a budget already.
func withBudget(ctx context.Context) (context.Context, *budget, context.CancelFunc) {
	if b, ok := ctx.Value(budgetKey{}).(*budget); ok {
		return ctx, b, func() {}
	}
	ctx, cancel := WithBudget(ctx)
	return ctx, ctx.Value(budgetKey{}).(*budget), cancel
}

// step counts what is done.
func (b *budget) step() error {
	if b.steps++; b.steps > maxSteps {
		return faultf("rendering the templates takes more than %d steps", maxSteps)
	}
	return nil
}

// print counts what is printed.
func (b *budget) print(n int) error {
	if b.printed += n; b.printed > maxPrinted {
		return faultf("the templates print more than %d bytes together", maxPrinted)
	}
	return nil
}

// spent reports whether nothing more can be rendered.
func (b *budget) spent() bool { return b.steps > maxSteps || b.printed > maxPrinted }
