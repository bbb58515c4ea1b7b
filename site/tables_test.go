package site

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/docs"
)

// The columns of every table of the guides fill it, and have room for their words.
func TestColumnWidths(t *testing.T) {
	sheet, err := os.ReadFile("assets/site.css")
	if err != nil {
		t.Fatal(err)
	}
	known := func(class string) bool { return strings.Contains(string(sheet), "."+class+" {") }
	tables := 0
	for _, g := range guides {
		text, err := docs.Files.ReadFile(g.Name + ".md")
		if err != nil {
			t.Fatal(err)
		}
		page, err := newMarkdown().readme(string(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range tablePart.FindAllString(page, -1) {
			tables++
			least := regexp.MustCompile(`^<table class="(m(\d+))"><colgroup>(.*?)</colgroup>`).FindStringSubmatch(table)
			if least == nil {
				t.Errorf("%s: a table without widths: %.80s", g.Name, table)
				continue
			}
			sum, columns := 0, regexp.MustCompile(`class="(w(\d+))"`).FindAllStringSubmatch(least[3], -1)
			rem, _ := strconv.Atoi(least[2])
			for i, c := range columns {
				share, _ := strconv.Atoi(c[2])
				sum += share
				if !known(c[1]) {
					t.Errorf("the sheet has no class %s", c[1])
				}
				for _, row := range cellsOf(table) {
					for _, word := range strings.FieldsFunc(row[i], func(r rune) bool { return r == ' ' || r == '-' }) {
						if n := len([]rune(word)); n <= max(84/len(columns), 10)-cellGap && float64(n)*.5 > float64(rem*share)/100 {
							t.Errorf("%s: %q is broken in a column of %d %% of %d rem", g.Name, word, share, rem)
						}
					}
				}
			}
			if sum != 100 || !known(least[1]) {
				t.Errorf("%s: %s: the columns have %d %%", g.Name, least[0], sum)
			}
		}
	}
	if tables < 40 {
		t.Errorf("the guides have %d tables", tables)
	}
}

// Tables that no page of ours has: inside each other, with cells over several columns,
// of one column, of many, and without cells.
func TestOddTables(t *testing.T) {
	for name, table := range map[string]string{
		"nested": "<table><tr><td>a<table><tr><td>b</td></tr></table></td><td>c</td></tr></table>",
		"spans":  `<table><tr><td colspan="2">a</td></tr><tr><td>b</td><td>c</td></tr></table>`,
		"one":    "<table><tr><td>a</td></tr></table>",
		"many":   "<table><tr>" + strings.Repeat("<td>a</td>", 40) + "</tr></table>",
		"empty":  "<table></table>",
		"blank":  "<table><tr><td></td><td></td></tr></table>",
		"uneven": "<table><tr><td>a</td></tr><tr><td>a</td><td>b</td><td>c</td></tr></table>",
	} {
		page := focusable(table)
		if opened, closed := strings.Count(page, "<div"), strings.Count(page, "</div>"); opened != closed || opened != strings.Count(table, "<table") {
			t.Errorf("%s: %s", name, page)
		}
		if !regexp.MustCompile(`<table class="m\d+">`).MatchString(page) {
			t.Errorf("%s: no widths: %s", name, page)
		}
	}
	shares, least := columnWidths([][]string{{"name", "what it is"}, {"a", strings.Repeat("word ", 60)}})
	if fmt.Sprint(shares) != "[22 78]" || least > 18 {
		t.Errorf("a short column and a long one have %d %% of %d rem", shares, least)
	}
}
