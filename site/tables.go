package site

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Columns of a table have their widths before the rows arrive, so that nothing moves while a
// page loads slowly. Content-Security-Policy allows no style in a page: widths are classes
// of assets/site.css, w2 to w98 in percent of the table and m16 to m64 in steps of two rem of its least width.

const (
	widthStep     = 2    // percent
	leastWidth    = 16   // rem; what a phone of 320 px has room for
	mostWidth     = 64   // rem
	rowLetters    = 90   // what a row has room for at 1,280 px
	narrowLetters = 32   // what a table has room for on a phone of 320 px
	mostColumns   = 10   // more are as wide as each other
	cellGap       = 2    // letters that the room beside a cell takes
	longWord      = 30   // letters; a longer word is broken, and one of 84 letters by the columns
	proseLetters  = 20   // letters that a column of long texts has room for
	proseLines    = 6    // lines of a text that are no burden
	letterRem     = 0.56 // width of a letter of code, which is wider than others
)

var (
	tablePart = regexp.MustCompile(`(?s)<table[^>]*>.*?</table>`)
	tableTag  = regexp.MustCompile(`<table[^>]*>`)
	rowPart   = regexp.MustCompile(`(?s)<tr[^>]*>(.*?)</tr>`)
	cellPart  = regexp.MustCompile(`(?s)<t[hd][^>]*>(.*?)</t[hd]>`)
	spans     = regexp.MustCompile(`(?s)<t[hd][^>]*(?:colspan|rowspan)|<table.*<table`)
)

// fixTables gives every table of a page of Markdown columns of a width of their own. One
// whose cells lie over several columns has columns of the same width.
func fixTables(page string) string {
	return tablePart.ReplaceAllStringFunc(page, func(table string) string {
		var rows [][]string
		if !spans.MatchString(table) {
			rows = cellsOf(table)
		}
		shares, least := columnWidths(rows)
		var cols strings.Builder
		fmt.Fprintf(&cols, `<table class="m%d">`, least)
		if len(shares) > 0 {
			cols.WriteString("<colgroup>")
			for _, w := range shares {
				fmt.Fprintf(&cols, `<col class="w%d">`, w)
			}
			cols.WriteString("</colgroup>")
		}
		return tableTag.ReplaceAllString(table, cols.String())
	})
}

// cellsOf are the texts of the cells of a table.
func cellsOf(table string) [][]string {
	var rows [][]string
	for _, row := range rowPart.FindAllStringSubmatch(table, -1) {
		var cells []string
		for _, cell := range cellPart.FindAllStringSubmatch(row[1], -1) {
			cells = append(cells, html.UnescapeString(tags.ReplaceAllString(cell[1], "")))
		}
		rows = append(rows, cells)
	}
	return rows
}

// columnWidths are the shares of the columns, in percent, and the least width of the whole in
// rem at which no word of rows is broken. Every column has room for its longest word, and
// what is left goes to those with much text. No shares: the columns are alike.
func columnWidths(rows [][]string) (shares []int, least int) {
	var columns []column
	for _, row := range rows {
		for i, text := range row {
			if i == len(columns) {
				columns = append(columns, column{})
			}
			columns[i].add(text)
		}
	}
	if len(columns) < 2 || len(columns) > mostColumns {
		return nil, leastRem(len(columns) * proseLetters)
	}
	needed, wanted := 0, 1
	for i := range columns {
		c := &columns[i]
		c.most = min(max(84/len(columns), 10), longWord)
		needed += c.needed()
		wanted += c.wanted()
	}
	steps, letters := leastSteps(columns, max(needed, narrowLetters))
	left := 100 / widthStep
	for _, n := range steps {
		left -= n
	}
	for i, rest := 0, left; i < len(columns); i++ {
		more := min(int(float64(rest)*float64(columns[i].wanted())/float64(wanted)+.5), left)
		steps[i] += more
		left -= more
	}
	for i := 0; left > 0; i, left = i+1, left-1 {
		steps[i%len(steps)]++
	}
	for _, n := range steps {
		shares = append(shares, n*widthStep)
	}
	return shares, leastRem(letters)
}

// leastSteps are what columns need of a table that is as wide as so many letters, or as many
// more as there have to be.
func leastSteps(columns []column, letters int) ([]int, int) {
	for ; ; letters++ {
		var steps []int
		sum := 0
		for _, c := range columns {
			n := (c.needed()*100/widthStep + letters - 1) / letters
			steps, sum = append(steps, n), sum+n
		}
		if sum <= 100/widthStep {
			return steps, letters
		}
	}
}

// leastRem is the width of letters in steps of two rem.
func leastRem(letters int) int {
	return min(max(int(float64(letters)*letterRem+1.99)/2*2, leastWidth), mostWidth)
}

// column is what the cells of a column have in letters. It has room for a word of at most
// so many.
type column struct{ word, longest, all, cells, most int }

func (c *column) add(text string) {
	n := utf8.RuneCountInString(text)
	c.longest, c.all, c.cells = max(c.longest, n), c.all+n, c.cells+1
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\n' || r == '-' }) {
		c.word = max(c.word, utf8.RuneCountInString(word)+1)
	}
}

// needed is the room that a column must have.
func (c column) needed() int {
	return min(max(c.word, min(c.longest/proseLines, proseLetters)), c.most) + cellGap
}

// wanted is the room that it would fill beyond that: halfway between a row like most and the
// longest.
func (c column) wanted() int {
	return max((c.all/c.cells+min(c.longest, rowLetters))/2-c.needed()+cellGap, 0)
}
