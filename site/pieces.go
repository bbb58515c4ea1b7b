package site

import (
	"fmt"
)

// Every page has at most about 100 KB, whatever authors write: a list shows as many rows
// as there is room for, and is whole on pages of its own.
const (
	perPage   = 200      // rows of a page of a list
	pageBytes = 80 << 10 // HTML of these rows
)

// sized is one row of a list. Its size is about the bytes of its HTML.
type sized interface{ size() int }

// fit are the first rows of a list, at most so many, that fit into bytes.
func fit[T sized](list []T, rows, bytes int) []T {
	for i, row := range list {
		if bytes -= row.size(); i == rows || bytes < 0 {
			return list[:i]
		}
	}
	return list
}

// split cuts a list into pages. An empty list has one.
func split[T sized](list []T) [][]T {
	var pages [][]T
	for len(list) > 0 {
		n := max(len(fit(list, perPage, pageBytes)), 1)
		pages, list = append(pages, list[:n]), list[n:]
	}
	if len(pages) == 0 {
		pages = append(pages, nil)
	}
	return pages
}

// pager says where the pages beside a page of a list are; "" where none is.
type pager struct {
	Page, Pages          int
	Previous, Next       string
	First, Last, Entries int
}

// paged draws a list into a folder.
func paged[T sized](p *printer, folder, template, title string, list []T, values map[string]any) error {
	pages, from := split(list), 0
	for i, rows := range pages {
		around := pager{Page: i + 1, Pages: len(pages), First: from + 1, Last: from + len(rows), Entries: len(list)}
		from += len(rows)
		if i > 0 {
			around.Previous = listPagePath(folder, i)
		}
		if i+1 < len(pages) {
			around.Next = listPagePath(folder, i+2)
		}
		v := clone(values)
		v["rows"], v["pager"] = rows, around
		heading := title
		if i > 0 {
			heading = fmt.Sprintf("%s, page %d", title, i+1)
		}
		if err := p.page(listPagePath(folder, i+1), template, heading, v); err != nil {
			return err
		}
	}
	return nil
}

// piece is what a page shows of a list that may be longer.
type piece[T sized] struct {
	Rows []T
	All  int
	More string // the pages with all of it, "" where Rows are all
}

// pieceOf shows of a list what fits, and draws all of it into a folder where that is more.
func pieceOf[T sized](p *printer, folder, what, title string, list []T, rows, bytes int, values map[string]any) (piece[T], error) {
	out := piece[T]{Rows: fit(list, rows, bytes), All: len(list)}
	if len(out.Rows) == len(list) {
		return out, nil
	}
	out.More = listPagePath(folder, 1)
	v := clone(values)
	v["what"] = what
	return out, paged(p, folder, "long.html", title, list, v)
}
