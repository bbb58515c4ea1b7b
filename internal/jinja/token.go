package jinja

import "fmt"

// Pos is a place in a template. Lines and columns count from 1, columns in
// characters.
type Pos struct{ Line, Column int }

// Span is where a node stands: from its first character to the one after its
// last.
type Span struct{ From, To Pos }

// At is where the node starts.
func (s Span) At() Pos { return s.From }

// Error is what is wrong with a template.
type Error struct {
	Pos     Pos
	Message string
	Word    string   // a word that is not known, if that is what is wrong
	Known   []string // the words that could stand in its place
}

// Error gives the line and the message.
func (e *Error) Error() string { return fmt.Sprintf("%d: %s", e.Pos.Line, e.Message) }

// class says what a token is.
type class int

const (
	classEnd      class = iota // of the template
	classText                  // outside of all tags
	classOpen                  // {%
	classClose                 // %}
	classPrint                 // {{
	classPrintEnd              // }}
	className
	classString
	classInteger
	classFloat
	classSign // an operator or bracket
)

// token is a piece of a template. The text of a string is what it stands for.
type token struct {
	class class
	text  string
	from  int // offset in the source
	to    int
}

// is reports whether the token is a sign, or a name, of that text.
func (t token) is(text string) bool {
	return t.text == text && (t.class == classSign || t.class == className)
}

// String is how an error speaks of the token.
func (t token) String() string {
	switch t.class {
	case classEnd:
		return "the end of the template"
	case classText:
		return "text"
	case classOpen:
		return "{%"
	case classClose:
		return "%}"
	case classPrint:
		return "{{"
	case classPrintEnd:
		return "}}"
	case classString:
		return fmt.Sprintf("the text %q", clip(t.text))
	}
	return fmt.Sprintf("%q", clip(t.text))
}

// clip shortens what an error repeats of a template.
func clip(text string) string {
	if runes := []rune(text); len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return text
}
