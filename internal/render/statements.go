package render

import (
	"github.com/kpm-sh/kpm/internal/jinja"
	"github.com/kpm-sh/kpm/internal/jinja/expr"
	"github.com/kpm-sh/kpm/internal/python/operator"
	"github.com/kpm-sh/kpm/internal/python/str"
)

// run runs one tag.
func run(f *frame, n jinja.Stmt) error {
	switch n := n.(type) {
	case *jinja.Text:
		if f.out.silent() {
			return nil
		}
		return f.print(n.Text)
	case *jinja.Print:
		return runPrint(f, n)
	case *jinja.If:
		return runIf(f, n)
	case *jinja.For:
		return runFor(f, n)
	case *jinja.Set:
		v, err := eval(f, n.Value)
		if err != nil {
			return err
		}
		return bind(f, n.Target, v)
	case *jinja.SetBlock:
		return runSetBlock(f, n)
	case *jinja.With:
		return runWith(f, n)
	case *jinja.FilterBlock:
		return runFilterBlock(f, n)
	case *jinja.Autoescape:
		return runAutoescape(f, n)
	}
	return runOther(f, n)
}

// runOther is run for the tags that have to do with other templates and macros.
func runOther(f *frame, n jinja.Stmt) error {
	switch n := n.(type) {
	case *jinja.Macro:
		f.store(n.Name, &macro{frame: f.in(f.vars), Macro: n})
	case *jinja.CallBlock:
		return runCall(f, n)
	case *jinja.Block:
		return runBlock(f, n)
	case *jinja.Extends:
		return runExtends(f, n)
	case *jinja.Include:
		return runInclude(f, n)
	case *jinja.Import:
		return runImport(f, n)
	case *jinja.FromImport:
		return runFromImport(f, n)
	}
	return nil
}

func runPrint(f *frame, n *jinja.Print) error {
	if f.out.silent() {
		return nil
	}
	for _, x := range n.Values {
		v, err := eval(f, x)
		if err != nil {
			return err
		}
		if err := printValue(f, v); err != nil {
			return locate(f.file, x.At(), err)
		}
	}
	return nil
}

func printValue(f *frame, v any) error {
	if f.escape {
		safe, err := str.Escape(v)
		if err != nil {
			return err
		}
		return f.print(string(safe))
	}
	return printAsIs(f, v)
}

// printAsIs is printValue for what a filter or macro made: it is not escaped.
func printAsIs(f *frame, v any) error {
	text, err := str.Str(v)
	if err != nil {
		return err
	}
	return f.print(text)
}

func runIf(f *frame, n *jinja.If) error {
	for _, b := range n.Branches {
		yes, err := truth(f, b.Test)
		if err != nil {
			return err
		}
		if yes {
			return f.walk(b.Body)
		}
	}
	return f.walk(n.Else)
}

func runSetBlock(f *frame, n *jinja.SetBlock) error {
	v, err := filteredBody(f, &output{}, n.Body, n.Filters)
	if err != nil {
		return err
	}
	return bind(f, n.Target, v)
}

// filteredBody is what a body prints to out, sent through filters.
func filteredBody(f *frame, out *output, body []jinja.Stmt, filters []*expr.Filter) (any, error) {
	sub := f.in(f.vars.child())
	sub.out = out
	err := sub.walk(body)
	v := safely(f, out.String())
	for _, one := range filters {
		if err != nil {
			return nil, err
		}
		v, err = filterValue(f, one, v)
	}
	return v, err
}

func runFilterBlock(f *frame, n *jinja.FilterBlock) error {
	v, err := filteredBody(f, &output{page: f.out.page}, n.Body, n.Filters)
	if err != nil {
		return err
	}
	return printAsIs(f, v)
}

func runWith(f *frame, n *jinja.With) error {
	sub := f.in(f.vars.child())
	for i, target := range n.Targets {
		v, err := eval(f, n.Values[i])
		if err != nil {
			return err
		}
		if err := bind(sub, target, v); err != nil {
			return err
		}
	}
	return sub.walk(n.Body)
}

func runAutoescape(f *frame, n *jinja.Autoescape) error {
	on, err := truth(f, n.On)
	if err != nil {
		return err
	}
	sub := f.in(f.vars.child())
	sub.escape = on
	return sub.walk(n.Body)
}

// bind gives v to a target.
func bind(f *frame, t *jinja.Target, v any) error {
	switch {
	case t.Tuple:
		return unpack(f, t, v)
	case t.Attr == "":
		f.store(t.Name, v)
		return nil
	}
	held, _ := f.vars.get(t.Name)
	space, ok := held.(*namespace)
	if !ok {
		return faultf("%s is not a namespace: only the keys of one can be set", t.Name)
	}
	return space.attrs.Set(t.Attr, v)
}

func unpack(f *frame, t *jinja.Target, v any) error {
	items, err := operator.Items(v)
	if err != nil {
		return err
	}
	if len(items) != len(t.Parts) {
		return faultf("there are %d values for %d names", len(items), len(t.Parts))
	}
	for i, part := range t.Parts {
		if err := bind(f, part, items[i]); err != nil {
			return err
		}
	}
	return nil
}
