package render

import (
	"github.com/kpm-sh/kpm/internal/jinja"
	"github.com/kpm-sh/kpm/internal/python"
)

func runBlock(f *frame, n *jinja.Block) error {
	if f.outer && f.parent != nil {
		return nil
	}
	versions := f.blocks[n.Name]
	if len(versions) == 0 {
		return faultf("there is no block %q", n.Name)
	}
	if n.Required && len(versions) == 1 {
		return faultf("block %q is required, and nothing fills it", n.Name)
	}
	vars := f.top
	if n.Scoped {
		vars = f.vars
	}
	return printBlock(f, versions, vars)
}

// printBlock prints the first of versions; super() in it prints the next.
func printBlock(f *frame, versions []*block, vars *scope) error {
	if err := f.m.enter(); err != nil {
		return err
	}
	defer f.m.leave()
	first := versions[0]
	sub := f.in(vars.child())
	sub.file, sub.out = first.file, &output{}
	sub.vars.set("super", &version{f: f, versions: versions[1:], vars: vars, name: first.Name})
	if err := sub.walk(first.Body); err != nil {
		return err
	}
	return f.m.move(f.out, sub.out)
}

// version is a block as a value: super, or self.name.
type version struct {
	f        *frame
	versions []*block
	vars     *scope
	name     string
}

// Kind says what it is.
func (v *version) Kind() string { return "the block " + v.name }

// Attr gives super.super.
func (v *version) Attr(name string) (any, bool) {
	if name != "super" || len(v.versions) == 0 {
		return nil, false
	}
	return &version{v.f, v.versions[1:], v.vars, v.name}, true
}

// Call prints the block.
func (v *version) Call(args python.Args) (any, error) {
	if len(args.Pos)+len(args.Names) > 0 {
		return nil, faultf("a block takes no values")
	}
	if len(v.versions) == 0 {
		return nil, faultf("block %q has no super()", v.name)
	}
	sub := v.f.in(v.f.vars)
	sub.out = &output{}
	if err := printBlock(sub, v.versions, v.vars); err != nil {
		return nil, err
	}
	return safely(v.f, sub.out.String()), nil
}

// self is the variable of that name: its attributes print the template's blocks.
type self struct{ page *page }

// Kind says what it is.
func (s *self) Kind() string { return "the template itself" }

// Attr gives a block as a function.
func (s *self) Attr(name string) (any, bool) {
	versions := s.page.blocks[name]
	if len(versions) == 0 {
		return nil, false
	}
	f := &frame{page: s.page, vars: s.page.top, out: &output{}}
	return &version{f, versions, s.page.top, name}, true
}

func runExtends(f *frame, n *jinja.Extends) error {
	v, err := eval(f, n.Template)
	if err != nil {
		return err
	}
	if f.parent != nil {
		return faultf("a template extends only one other")
	}
	file, err := f.m.exists(v)
	if err != nil {
		return err
	}
	t, err := f.m.template(file)
	if err != nil {
		return err
	}
	f.parent, f.from = t, file
	f.add(file, t)
	return nil
}
