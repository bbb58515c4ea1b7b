package jinja

// Stmt is a node that prints or does something.
type Stmt interface {
	Node
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
	Span
	Text string
}

// Print is {{ value }}, and {% print a, b %}.
type Print struct {
	Span
	Values []Expr
}

// If is {% if %} with its elif and else.
type If struct {
	Span
	Branches []Branch
	Else     []Stmt
}

// Branch is a condition and what it leads to.
type Branch struct {
	Test Expr
	Body []Stmt
}

// For is {% for target in value if condition recursive %}. Test is nil when there
// is no condition.
type For struct {
	Span
	Target    *Target
	Value     Expr
	Test      Expr
	Recursive bool
	UsesLoop  bool // the name loop stands in the body
	Body      []Stmt
	Else      []Stmt
}

// Target is what is given a value: a name, an attribute of a namespace, or, with
// parts, several that take the items of one value.
type Target struct {
	Span
	Name  string
	Attr  string // of `name.attr`
	Tuple bool
	Parts []*Target
}

// Set is {% set target = value %}.
type Set struct {
	Span
	Target *Target
	Value  Expr
}

// SetBlock is {% set target | filter %}…{% endset %}.
type SetBlock struct {
	Span
	Target  *Target
	Filters []*Filter
	Body    []Stmt
}

// With is {% with a = b %}…{% endwith %}.
type With struct {
	Span
	Targets []*Target
	Values  []Expr
	Body    []Stmt
}

// Macro is {% macro name(parameters) %}…{% endmacro %}.
type Macro struct {
	Span
	Name       string
	Parameters []Parameter
	Body       []Stmt
	Uses       map[string]bool // the names that are read in its body
}

// Parameter is one of a macro. Default is nil when it has none.
type Parameter struct {
	Span
	Name    string
	Default Expr
}

// CallBlock is {% call(parameters) macro(values) %}…{% endcall %}. Caller is its
// body as a macro.
type CallBlock struct {
	Span
	Call   *Call
	Caller *Macro
}

// FilterBlock is {% filter name %}…{% endfilter %}.
type FilterBlock struct {
	Span
	Filters []*Filter
	Body    []Stmt
}

// Block is {% block name %}…{% endblock %}.
type Block struct {
	Span
	Name     string
	Scoped   bool
	Required bool
	Body     []Stmt
}

// Extends is {% extends name %}.
type Extends struct {
	Span
	Template Expr
}

// Include is {% include name %}.
type Include struct {
	Span
	Template      Expr
	IgnoreMissing bool
	WithContext   bool
}

// Import is {% import name as alias %}.
type Import struct {
	Span
	Template    Expr
	Alias       string
	WithContext bool
}

// FromImport is {% from name import a, b as c %}.
type FromImport struct {
	Span
	Template    Expr
	Names       []Alias
	WithContext bool
}

// Alias is a name of another template, and what it is called here.
type Alias struct{ There, Here string }

// Autoescape is {% autoescape on %}…{% endautoescape %}.
type Autoescape struct {
	Span
	On   Expr
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
