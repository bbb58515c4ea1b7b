package render

import "github.com/kpm-sh/kpm/internal/python"

// meter counts what one template uses up, and what all do.
type meter struct {
	*budget              // what may still be done, shared with other templates
	stopped func() error // says why rendering has to end
	asked   int          // steps of this template
	written int          // bytes printed so far, also into variables
	depth   int          // macros, includes, blocks and loops inside each other
	inside  int          // expressions inside each other, over all of those
}

// step counts what is done, and says why it is enough. Whether it is stopped from
// outside it asks now and then: a step takes far less than a millisecond.
func (m *meter) step() error {
	if err := m.budget.step(); err != nil {
		return err
	}
	if m.asked++; m.asked%64 != 1 {
		return nil
	}
	return m.stopped()
}

// enter counts what is inside what, so that the stack has an end; leave has to
// follow.
func (m *meter) enter() error {
	if m.depth >= MaxNesting {
		return faultf("macros, includes and loops nest more than %d deep", MaxNesting)
	}
	m.depth++
	return nil
}

func (m *meter) leave() { m.depth-- }

// fits refuses a value that is too large to go on with. Large ones count as
// more than one step.
func (m *meter) fits(v any) error {
	if s, ok := python.Text(v); ok {
		m.steps += len(s) >> 10
		if len(s) > MaxOutput {
			return faultf("a text has more than %d bytes", MaxOutput)
		}
		return nil
	}
	n, ok := python.Len(v)
	if _, isRange := v.(*python.Range); !ok || isRange {
		return nil
	}
	m.steps += n >> 4
	if n > MaxItems {
		return faultf("a list or mapping has more than %d items", MaxItems)
	}
	return nil
}
