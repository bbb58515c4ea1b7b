package expr

import "github.com/kpm-sh/kpm/internal/jinja/token"

// Node is a part of a tree.
type Node interface{ At() token.Pos }

// Expr is a node that has a value.
type Expr interface {
	Node
	expr()
}

// Name is a variable.
type Name struct {
	token.Span
	Name string
}

// Const is a value that is written out: nil, a bool, int, *big.Int, float64 or
// string.
type Const struct {
	token.Span
	Value any
}

// List is [a, b].
type List struct {
	token.Span
	Items []Expr
}

// Tuple is (a, b).
type Tuple struct {
	token.Span
	Items []Expr
}

// Dict is {a: b}.
type Dict struct {
	token.Span
	Pairs []Pair
}

// Pair is a key of a Dict and its value.
type Pair struct{ Key, Value Expr }

// Unary is -a, +a or not a.
type Unary struct {
	token.Span
	Op string
	X  Expr
}

// Binary is an operator between two values: or, and, + - * / // % **.
type Binary struct {
	token.Span
	Op   string
	X, Y Expr
}

// Concat is a ~ b ~ c.
type Concat struct {
	token.Span
	Items []Expr
}

// Compare is a chain of comparisons: a < b < c. The operators are == != < <= >
// >= in and "not in".
type Compare struct {
	token.Span
	X    Expr
	Rest []Operand
}

// Operand is an operator of a Compare and what stands after it.
type Operand struct {
	Op string
	X  Expr
}

// Cond is a if b else c. Else is nil when there is none.
type Cond struct {
	token.Span
	Test, Then, Else Expr
}

// Attr is a.b.
type Attr struct {
	token.Span
	X    Expr
	Name string
}

// Item is a[b].
type Item struct {
	token.Span
	X, Key Expr
}

// Slice is a:b:c inside the brackets of an Item. What is not written is nil.
type Slice struct {
	token.Span
	Low, High, Step Expr
}

// Call is f(a, b=c).
type Call struct {
	token.Span
	Fn   Expr
	Args Args
}

// Filter is a|name(b). X is nil in a filter that is handed a text by its tag.
type Filter struct {
	token.Span
	X    Expr
	Name string
	Args Args
}

// Test is `a is name(b)`. A `not` is a Unary around it.
type Test struct {
	token.Span
	X    Expr
	Name string
	Args Args
}

// Args are what stands in the parentheses of a call.
type Args struct {
	Pos      []Expr
	Named    []Named
	Rest     Expr // *a, or nil
	RestDict Expr // **a, or nil
}

// Named is an argument with its name.
type Named struct {
	token.Span
	Name  string
	Value Expr
}

func (*Name) expr()    {}
func (*Const) expr()   {}
func (*List) expr()    {}
func (*Tuple) expr()   {}
func (*Dict) expr()    {}
func (*Unary) expr()   {}
func (*Binary) expr()  {}
func (*Concat) expr()  {}
func (*Compare) expr() {}
func (*Cond) expr()    {}
func (*Attr) expr()    {}
func (*Item) expr()    {}
func (*Slice) expr()   {}
func (*Call) expr()    {}
func (*Filter) expr()  {}
func (*Test) expr()    {}
