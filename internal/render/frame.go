package render

import (
	"github.com/kpm-sh/kpm/internal/jinja"
)

// page is one run of a template, with the templates that it extends.
type page struct {
	m        *machine
	top      *scope              // variables outside of all blocks
	exported map[string]bool     // those of them that an import may take
	blocks   map[string][]*block // versions of each block: from the template that extends to the one that is extended
	parent   *jinja.Template     // what is printed in place of the template, once its extends was met
	from     string              // path of the parent
}

// block is a version of a block, with the file that it stands in.
type block struct {
	*jinja.Block
	file string
}

// frame is where a tag runs.
type frame struct {
	*page
	file   string // of the tag
	vars   *scope
	out    *output
	outer  bool // the tag is outside of all blocks, macros and loops
	escape bool // what is printed is made safe for HTML
}

// in is f with another scope inside its own.
func (f *frame) in(vars *scope) *frame {
	return &frame{page: f.page, file: f.file, vars: vars, out: f.out, escape: f.escape}
}

// add makes the blocks of a template the last versions.
func (p *page) add(file string, t *jinja.Template) {
	for name, b := range t.Blocks {
		p.blocks[name] = append(p.blocks[name], &block{b, file})
	}
}

// print prints text.
func (f *frame) print(text string) error { return f.m.print(f.out, text) }

// store sets a variable.
func (f *frame) store(name string, v any) {
	f.vars.set(name, v)
	if f.outer {
		f.exported[name] = name[0] != '_'
	}
}

// hide sets a variable that other templates cannot import from this one.
func (f *frame) hide(name string, v any) {
	f.store(name, v)
	if f.outer {
		f.exported[name] = false
	}
}
