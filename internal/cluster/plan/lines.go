package plan

import (
	"fmt"
	"slices"
	"strings"
)

// Bounds of what is shown of a text of many lines.
const (
	around   = 3   // lines that stay, before and after what changes
	maxRun   = 40  // lines in a row that come, or go
	maxLines = 200 // in all
	maxEdits = 500 // beyond them what lies between the first and the last is shown as replaced
)

// Lines is the change as one reads it: one line, or of a text of many lines those that
// change with some around them, each with a mark before it. No line has a line end;
// what else does not print is in them as it is.
func (c Change) Lines() []string {
	if !strings.Contains(c.Before, "\n") && !strings.Contains(c.After, "\n") {
		return []string{c.String()}
	}
	mark := "~"
	switch {
	case c.Before == "":
		mark = "+"
	case c.After == "":
		mark = "-"
	}
	edits := editsOf(linesOf(c.Before), linesOf(c.After))
	shown := hunks(edits)
	if len(shown) == 0 {
		return []string{fmt.Sprintf("%s %s: differs in what is hidden", mark, c.Path)}
	}
	if more := len(shown) - maxLines; more > 0 {
		shown = append(shown[:maxLines], fmt.Sprintf("(%d more lines)", more))
	}
	all := []string{fmt.Sprintf("%s %s:", mark, c.Path)}
	for _, line := range shown {
		all = append(all, "    "+line)
	}
	return all
}

// linesOf are the lines of a text with their ends.
func linesOf(text string) []string {
	return slices.DeleteFunc(strings.SplitAfter(text, "\n"), func(line string) bool { return line == "" })
}

// edit is a line that goes (-), comes (+) or stays (a space).
type edit struct {
	mark byte
	line string
}

// editsOf is how to get from the lines before to those after.
func editsOf(before, after []string) []edit {
	start := 0
	for start < min(len(before), len(after)) && before[start] == after[start] {
		start++
	}
	end := 0
	for end < min(len(before), len(after))-start && before[len(before)-1-end] == after[len(after)-1-end] {
		end++
	}
	all := marked(nil, ' ', before[:start])
	all = append(all, between(before[start:len(before)-end], after[start:len(after)-end])...)
	return marked(all, ' ', before[len(before)-end:])
}

func marked(all []edit, mark byte, lines []string) []edit {
	for _, line := range lines {
		all = append(all, edit{mark, line})
	}
	return all
}

// between is editsOf by the algorithm of Myers: row d of reached has, for each
// diagonal k = x - y, how far in before one gets with d lines that go or come.
func between(before, after []string) []edit {
	var reached []map[int]int
	for d := range maxEdits + 1 {
		row := map[int]int{}
		reached = append(reached, row)
		for k := -d; k <= d; k += 2 {
			x := 0
			if d > 0 {
				x, _ = stepTo(reached[d-1], d, k)
			}
			for x < len(before) && x-k < len(after) && before[x] == after[x-k] {
				x++
			}
			row[k] = x
			if x >= len(before) && x-k >= len(after) {
				return traced(before, after, reached)
			}
		}
	}
	return marked(marked(nil, '-', before), '+', after)
}

// stepTo is how far the d-th line gets on diagonal k, and whether that line comes; it
// goes otherwise.
func stepTo(row map[int]int, d, k int) (x int, comes bool) {
	if k == -d || k != d && row[k-1] < row[k+1] {
		return row[k+1], true
	}
	return row[k-1] + 1, false
}

// traced goes back from the end the way that reached it.
func traced(before, after []string, reached []map[int]int) []edit {
	var all []edit
	x, y := len(before), len(after)
	for d := len(reached) - 1; d >= 0; d-- {
		from, comes := 0, false
		if d > 0 {
			from, comes = stepTo(reached[d-1], d, x-y)
		}
		for ; x > from && y > 0; x, y = x-1, y-1 {
			all = append(all, edit{' ', before[x-1]})
		}
		switch {
		case d == 0:
		case comes:
			y--
			all = append(all, edit{'+', after[y]})
		default:
			x--
			all = append(all, edit{'-', before[x]})
		}
	}
	slices.Reverse(all)
	return all
}

// hunks are the lines that change and those around them, and where they stand.
func hunks(edits []edit) []string {
	var all []string
	line, run, last := 1, 0, -2 // the line of before, changes in a row, the last edit shown
	for i, e := range edits {
		if e.mark == ' ' && !nearChange(edits, i) {
			line++
			continue
		}
		if last < i-1 {
			all = append(all, fmt.Sprintf("@@ line %d @@", line))
		}
		if run++; i == 0 || edits[i-1].mark != e.mark {
			run = 1
		}
		last = i
		if e.mark != '+' {
			line++
		}
		all = appendLine(all, e, run, i+1 == len(edits) || edits[i+1].mark != e.mark)
	}
	return all
}

// appendLine appends a line, or in the place of the last of too many how many they are.
func appendLine(all []string, e edit, run int, last bool) []string {
	switch {
	case e.mark == ' ' || run <= maxRun:
		text, ended := strings.CutSuffix(e.line, "\n")
		all = append(all, string(e.mark)+text)
		if !ended {
			all = append(all, `\ no line end`)
		}
	case last:
		all = append(all, fmt.Sprintf("(%d more %c)", run-maxRun, e.mark))
	}
	return all
}

// nearChange tells whether a line that changes is around edit i.
func nearChange(edits []edit, i int) bool {
	return slices.ContainsFunc(edits[max(0, i-around):min(len(edits), i+around+1)], func(e edit) bool { return e.mark != ' ' })
}
