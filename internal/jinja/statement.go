package jinja

import (
	"github.com/kpm-sh/kpm/internal/jinja/expr"
	"github.com/kpm-sh/kpm/internal/jinja/token"
)

// Stmt is a node that prints or does something.
type Stmt interface {
	expr.Node
	stmt()
}

// Template is what a text says.
type Template struct {
	Body   []Stmt
	Blocks map[string]*Block
	Names  []string // what it gives a value to, sorted
}

// Text is what stands outside of all tags.
type Text struct {
	token.Span
	Text string
}

// Print is {{ value }}, and {% print a, b %}.
type Print struct {
	token.Span
	Values []expr.Expr
}

// If is {% if %} with its elif and else.
type If struct {
	token.Span
	Branches []Branch
	Else     []Stmt
}

// Branch is a condition and what it leads to.
type Branch struct {
	Test expr.Expr
	Body []Stmt
}

// For is {% for target in value if condition recursive %}. Test is nil when there
// is no condition.
type For struct {
	token.Span
	Target    *Target
	Value     expr.Expr
	Test      expr.Expr
	Recursive bool
	UsesLoop  bool // the name loop stands in the body
	Body      []Stmt
	Else      []Stmt
}

// Target is what is given a value: a name, an attribute of a namespace, or, with
// parts, several that take the items of one value.
type Target struct {
	token.Span
	Name  string
	Attr  string // of `name.attr`
	Tuple bool
	Parts []*Target
}

// Set is {% set target = value %}.
type Set struct {
	token.Span
	Target *Target
	Value  expr.Expr
}

// SetBlock is {% set target | filter %}…{% endset %}.
type SetBlock struct {
	token.Span
	Target  *Target
	Filters []*expr.Filter
	Body    []Stmt
}

// With is {% with a = b %}…{% endwith %}.
type With struct {
	token.Span
	Targets []*Target
	Values  []expr.Expr
	Body    []Stmt
}

// Macro is {% macro name(parameters) %}…{% endmacro %}.
type Macro struct {
	token.Span
	Name       string
	Parameters []Parameter
	Body       []Stmt
	Uses       map[string]bool // the names that are read in its body
}

// Parameter is one of a macro. Default is nil when it has none.
type Parameter struct {
	token.Span
	Name    string
	Default expr.Expr
}

// CallBlock is {% call(parameters) macro(values) %}…{% endcall %}. Caller is its
// body as a macro.
type CallBlock struct {
	token.Span
	Call   *expr.Call
	Caller *Macro
}

// FilterBlock is {% filter name %}…{% endfilter %}.
type FilterBlock struct {
	token.Span
	Filters []*expr.Filter
	Body    []Stmt
}

// Block is {% block name %}…{% endblock %}.
type Block struct {
	token.Span
	Name     string
	Scoped   bool
	Required bool
	Body     []Stmt
}

// Extends is {% extends name %}.
type Extends struct {
	token.Span
	Template expr.Expr
}

// Include is {% include name %}.
type Include struct {
	token.Span
	Template      expr.Expr
	IgnoreMissing bool
	WithContext   bool
}

// Import is {% import name as alias %}.
type Import struct {
	token.Span
	Template    expr.Expr
	Alias       string
	WithContext bool
}

// FromImport is {% from name import a, b as c %}.
type FromImport struct {
	token.Span
	Template    expr.Expr
	Names       []Alias
	WithContext bool
}

// Alias is a name of another template, and what it is called here.
type Alias struct{ There, Here string }

// Autoescape is {% autoescape on %}…{% endautoescape %}.
type Autoescape struct {
	token.Span
	On   expr.Expr
	Body []Stmt
}

func (*Text) stmt()        {}
func (*Print) stmt()       {}
func (*If) stmt()          {}
func (*For) stmt()         {}
func (*Set) stmt()         {}
func (*SetBlock) stmt()    {}
func (*With) stmt()        {}
func (*Macro) stmt()       {}
func (*CallBlock) stmt()   {}
func (*FilterBlock) stmt() {}
func (*Block) stmt()       {}
func (*Extends) stmt()     {}
func (*Include) stmt()     {}
func (*Import) stmt()      {}
func (*FromImport) stmt()  {}
func (*Autoescape) stmt()  {}
