// Package exit is how the programs end: which exit code an error has, and what
// its user may type next. All of it stands in one table, in table.go.
package exit

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/kube"
)

// The exit codes. Scripts rely on them.
const (
	Done        = 0
	Failed      = 1 // and what no row of the table is about
	Usage       = 2
	Untrusted   = 3
	NotFound    = 4
	Declined    = 5 // a dependency unmet, a question declined or without an answer
	Conflict    = 6
	TimedOut    = 7
	Unreachable = 8
	Undecided   = 9 // of diff: what is 1 elsewhere
	Interrupted = 130
)

// row is what an error of one kind means.
type row struct {
	Code errcode.Code
	Is   []error // errors of others that are of this kind, too
	When string  // a fact: the row is about errors that have it

	Exit int    // 0: the rows below decide
	Why  string // why it matters; a line of its own
	Next string // what to do, with {facts}; "": the rows below may know
	Both bool   // kpm-indexer says it, too
}

// Code is the exit code of err: that of the first row about it that has one.
func Code(err error) int {
	for r := range rows(err) {
		if r.Exit != 0 {
			return r.Exit
		}
	}
	return Failed
}

// advice is what the first row about err says that has something to say.
func advice(program string, err error) (why, next string) {
	for r, facts := range rows(err) {
		if r.Next != "" && (r.Both || program != Indexer) {
			return r.Why, fill(r.Next, program, facts)
		}
	}
	return "", ""
}

// Next is what to do about err, or "".
func Next(program string, err error) string {
	_, next := advice(program, err)
	return next
}

// Indexer is the name of the program that says only some of the advice.
const Indexer = "kpm-indexer"

// rows gives the rows about err, in their order.
func rows(err error) func(yield func(row, errcode.Facts) bool) {
	return func(yield func(row, errcode.Facts) bool) {
		for _, r := range table {
			if facts, ok := r.about(err); ok && !yield(r, facts) {
				return
			}
		}
	}
}

func (r row) about(err error) (errcode.Facts, bool) {
	for code, facts := range errcode.All(err) {
		if code == r.Code && (r.When == "" || facts[r.When] != nil) {
			return facts, true
		}
	}
	for _, other := range r.Is {
		if errors.Is(err, other) {
			return nil, true
		}
	}
	return nil, false
}

// fill puts facts into a text: {name} is the fact of that name, a list with
// commas, {name|or} with "or", {name|shell} as the words of a command; {kpm} is
// what one types to run kpm.
func fill(text, program string, facts errcode.Facts) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, _ := strings.Cut(rest, "}")
		text = after
		name, how, _ := strings.Cut(name, "|")
		switch {
		case name == "kpm" && program == Indexer:
			b.WriteString("kpm")
		case name == "kpm":
			b.WriteString(program)
		default:
			b.WriteString(words(facts[name], how))
		}
	}
}

func words(fact any, how string) string {
	list, ok := fact.([]string)
	if !ok {
		list = []string{fmt.Sprint(fact)}
	}
	switch how {
	case "or":
		return strings.Join(list, " or ")
	case "shell":
		return shellWords(list)
	}
	return strings.Join(list, ", ")
}

func shellWords(list []string) string {
	var quoted []string
	for _, word := range list {
		if strings.ContainsAny(word, " '\"`$&;|()<>*?[]#~!\\") {
			word = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
		quoted = append(quoted, word)
	}
	return strings.Join(quoted, " ")
}

// Print tells people of err: a first line that begins with head, the lines of
// others with a mark before them, and below what to do about it.
func Print(w io.Writer, program, head string, err error) {
	_, _ = fmt.Fprintf(w, "%s%s%s\n", head, kube.CleanError(err.Error()), lines(program, err))
}

// Refusal is the advice about what cannot be trusted, and nothing about other errors:
// reports have it in the text of the error.
func Refusal(program string, err error) string {
	if why, _ := advice(program, err); why == "" {
		return ""
	}
	return lines(program, err)
}

// lines are the advice as it follows the text of err, each with a line end before it.
func lines(program string, err error) string {
	var text string
	why, next := advice(program, err)
	if why != "" {
		text += "\n  why: " + why
	}
	if next != "" {
		text += "\n  next: " + kube.Clean(next, false)
	}
	return text
}
