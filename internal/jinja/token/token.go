package token

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

// The classes of tokens.
const (
	classEnd      class = iota // of the template
	ClassText                  // outside of all tags
	ClassOpen                  // {%
	ClassClose                 // %}
	ClassPrint                 // {{
	ClassPrintEnd              // }}
	ClassName
	ClassString
	ClassInteger
	ClassFloat
	classSign // an operator or bracket
)

// Token is a piece of a template. The text of a string is what it stands for.
type Token struct {
	Class class
	Text  string
	From  int // offset in the source
	To    int
}

// Is reports whether the token is a sign, or a name, of that text.
func (t Token) Is(text string) bool {
	return t.Text == text && (t.Class == classSign || t.Class == ClassName)
}

// String is how an error speaks of the token.
func (t Token) String() string {
	switch t.Class {
	case classEnd:
		return "the end of the template"
	case ClassText:
		return "text"
	case ClassOpen:
		return "{%"
	case ClassClose:
		return "%}"
	case ClassPrint:
		return "{{"
	case ClassPrintEnd:
		return "}}"
	case ClassString:
		return fmt.Sprintf("the text %q", clip(t.Text))
	}
	return fmt.Sprintf("%q", clip(t.Text))
}

// clip shortens what an error repeats of a template.
func clip(text string) string {
	if runes := []rune(text); len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return text
}
