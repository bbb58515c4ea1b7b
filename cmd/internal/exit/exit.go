// Package exit is how the programs end: which exit code an error has, and what
// its user may type next. All of it stands in one table, in table.go.
package exit

import (
	"errors"
	"fmt"
	"io"
	"iter"
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
	More bool   // Next is said of each such error, and beside what other rows say
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

// advice is what the first row about err says that has something to say, and what
// those add that say more.
func advice(program string, err error) (why string, next []string) {
	var more []string
	for r, facts := range rows(err) {
		switch {
		case r.Next == "" || !r.Both && program == Indexer:
		case r.More:
			more = append(more, fill(r.Next, program, facts))
		case next == nil:
			why, next = r.Why, []string{fill(r.Next, program, facts)}
		}
	}
	return why, append(next, more...)
}

// Next is what to do about err, or "".
func Next(program string, err error) string {
	_, next := advice(program, err)
	return strings.Join(next, "; ")
}

// Indexer is the name of the program that says only some of the advice.
const Indexer = "kpm-indexer"

// rows gives the rows about err, in their order: each once, but those that say more
// for each of the errors.
func rows(err error) iter.Seq2[row, errcode.Facts] {
	return func(yield func(row, errcode.Facts) bool) {
		for _, r := range table {
			for facts := range r.about(err) {
				if !yield(r, facts) {
					return
				}
				if !r.More {
					break
				}
			}
		}
	}
}

// about gives the facts of the errors in the chain of err that the row is about.
func (r row) about(err error) iter.Seq[errcode.Facts] {
	return func(yield func(errcode.Facts) bool) {
		for code, facts := range errcode.All(err) {
			if code == r.Code && (r.When == "" || facts[r.When] != nil) && !yield(facts) {
				return
			}
		}
		for _, other := range r.Is {
			if errors.Is(err, other) && !yield(nil) {
				return
			}
		}
	}
}

// fill puts facts into a text: {name} is the fact of that name, a list with
// commas, {name|or} with "or", {name|shell} as the words of a command, {name|--flag}
// with that flag before each; {kpm} is what one types to run kpm.
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
	switch {
	case how == "or":
		return strings.Join(list, " or ")
	case how == "shell":
		return strings.Join(shellWords(list), " ")
	case how != "":
		return how + " " + strings.Join(shellWords(list), " "+how+" ")
	}
	return strings.Join(list, ", ")
}

func shellWords(list []string) []string {
	var quoted []string
	for _, word := range list {
		if strings.ContainsAny(word, " '\"`$&;|()<>*?[]#~!\\") {
			word = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
		quoted = append(quoted, word)
	}
	return quoted
}

// Print tells people of err: a first line that begins with head, the lines of
// others with a mark before them, and below what to do about it.
func Print(w io.Writer, program, head string, err error) {
	_, _ = fmt.Fprintf(w, "%s%s%s\n", head, kube.CleanError(err.Error()), lines(program, err))
}

// Refusal is the advice about what cannot be trusted, or would not be applied, and
// nothing about other errors: reports have it in the text of the error.
func Refusal(program string, err error) string {
	for r := range rows(err) {
		if r.Why != "" || r.More {
			return lines(program, err)
		}
	}
	return ""
}

// lines are the advice as it follows the text of err, each with a line end before it.
func lines(program string, err error) string {
	var text string
	why, next := advice(program, err)
	if why != "" {
		text += "\n  why: " + why
	}
	for _, line := range next {
		text += "\n  next: " + kube.Clean(line, false)
	}
	return text
}
