package python

import (
	"fmt"
	"math/big"
	"slices"
	"unicode/utf8"
)

// Bounds on values.
const (
	MaxText  = 16 << 20 // bytes of a text
	MaxItems = 100_000  // items of a list, mapping or range
	MaxDepth = 64       // values inside each other

	MaxDigits = 4_300  // of a whole number: Python prints no longer ones
	MaxBits   = 14_300 // of one that is computed
)

// fault is what Python would raise, in words for people.
type fault struct{ Message string }

// Error is the message.
func (e *fault) Error() string { return e.Message }

// Errorf makes an error of what Python would raise, in words for people.
func Errorf(format string, args ...any) error {
	return &fault{fmt.Sprintf(format, args...)}
}

// Markup is a text that may stand in HTML as it is. What it is joined with is
// escaped.
type Markup string

// List is a list. It can be changed through every name it has.
type List struct{ Items []any }

// Tuple is a list that cannot be changed. With Names its items are attributes too.
type Tuple struct {
	Items []any
	Names []string
}

// NewList makes a list of items.
func NewList(items ...any) *List { return &List{Items: items} }

// NewTuple makes a tuple of items.
func NewTuple(items ...any) *Tuple { return &Tuple{Items: items} }

// Range is what the function range gives.
type Range struct{ Start, Stop, Step int }

// Len is the number of its items.
func (r *Range) Len() int {
	switch {
	case r.Step > 0 && r.Stop > r.Start:
		return int((uint(r.Stop)-uint(r.Start)-1)/uint(r.Step)) + 1
	case r.Step < 0 && r.Stop < r.Start:
		return int((uint(r.Start)-uint(r.Stop)-1)/uint(-r.Step)) + 1
	}
	return 0
}

// Iterator gives items one after the other, once.
type Iterator struct {
	Name string // what it is, for people
	next func() (any, bool, error)
}

// NewIterator makes an iterator of a function that gives its next item, or false.
func NewIterator(name string, next func() (any, bool, error)) *Iterator {
	return &Iterator{name, next}
}

// Next is the next item. It reports false when there is none.
func (it *Iterator) Next() (any, bool, error) { return it.next() }

// Undefined is what is not there. A strict one is an error wherever it is used;
// one that is not is empty.
type Undefined struct {
	Strict bool
	Fault  func() error // says what is missing
}

// Caller is a value that can be called.
type Caller interface {
	Call(args Args) (any, error)
}

// Function is a function, or a method with its value.
type Function struct {
	Name   string
	Method bool
	Do     func(args Args) (any, error)
}

// NoText is what is wrong with printing a function.
func (f *Function) NoText() error {
	if f.Method {
		return Errorf("%s is a method and has no text: call it with %s(), or read an item of that name with ['%s']", f.Name, f.Name, f.Name)
	}
	return Errorf("%s is a function and has no text: no value of that name is set", f.Name)
}

// Call calls the function.
func (f *Function) Call(args Args) (any, error) { return f.Do(args) }

// Use refuses a value that is not there: always, if it is strict.
func Use(v any) error {
	if u, ok := v.(*Undefined); ok && u.Strict {
		return u.Fault()
	}
	return nil
}

// Kind says what v is, for people.
func Kind(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		return "True or False"
	case int, *big.Int, float64:
		return "a number"
	case string, Markup:
		return "a text"
	case *List:
		return "a list"
	case *Tuple:
		return "a tuple"
	case *Dict:
		return "a mapping"
	case *View:
		return "the " + v.Kind + " of a mapping"
	case *Range:
		return "a range"
	case *Iterator:
		return "what " + v.Name + " gives"
	case *Undefined:
		return "undefined"
	}
	return kindOfOther(v)
}

func kindOfOther(v any) string {
	if k, ok := v.(interface{ Kind() string }); ok {
		return k.Kind()
	}
	if f, ok := v.(*Function); ok {
		return "the function " + f.Name
	}
	return "a value"
}

// Text is v if it is a text.
func Text(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case Markup:
		return string(v), true
	}
	return "", false
}

// IsText reports whether v is a text.
func IsText(v any) bool { _, ok := Text(v); return ok }

// Like is s as a text of the kind of the text that it came from.
func Like(origin any, s string) any {
	if _, ok := origin.(Markup); ok {
		return Markup(s)
	}
	return s
}

// Truth is whether v counts as true: what is empty, zero or None does not.
func Truth(v any) (bool, error) {
	switch v := v.(type) {
	case nil:
		return false, nil
	case bool:
		return v, nil
	case int:
		return v != 0, nil
	case float64:
		return v != 0, nil
	case *Undefined:
		return false, Use(v)
	}
	if n, ok := Len(v); ok {
		return n > 0, nil
	}
	return true, nil
}

// Len is the number of items of v, if it has one.
func Len(v any) (int, bool) {
	switch v := v.(type) {
	case string:
		return utf8.RuneCountInString(v), true
	case Markup:
		return utf8.RuneCountInString(string(v)), true
	case *List:
		return len(v.Items), true
	case *Tuple:
		return len(v.Items), true
	case *Dict:
		return v.Len(), true
	case *View:
		return v.Dict.Len(), true
	case *Range:
		return v.Len(), true
	case interface{ Len() int }:
		return v.Len(), true
	}
	return 0, false
}

// Args are the values of a call.
type Args struct {
	Pos    []any
	Names  []string // of the named ones, in their order
	Values []any    // theirs
}

// Named is the value of a name, if it was given.
func (a Args) Named(name string) (any, bool) {
	if i := slices.Index(a.Names, name); i >= 0 {
		return a.Values[i], true
	}
	return nil, false
}
