package site

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// row is one Kube in a list.
type row struct {
	Name, Version, Description, License, Path, Day, Moment string
	Deprecated, Yanked                                     string
	Tested                                                 string
}

func (r row) size() int {
	return 450 + 2*weigh(r.Name) + weigh(r.Version, r.Description, r.License, r.Tested)
}

// inRow is how many characters of a description a row shows.
const inRow = 250

func rowOf(k *entry) row {
	return row{
		Name: k.Name, Version: k.Version, Description: cut(k.Description, inRow), License: k.License, Path: kubePath(k.Name), Tested: testedText(k.results),
		Day: k.Built.Format(time.DateOnly), Moment: k.Built.Format(time.RFC3339), Deprecated: k.Deprecated, Yanked: k.Yanked,
	}
}

func rows(kubes []*entry) []row {
	out := make([]row, len(kubes))
	for i, k := range kubes {
		out[i] = rowOf(k)
	}
	return out
}

// printLists draws the list of all Kubes, and the page of the search.
func printLists(p *printer, c *catalog) error {
	if err := p.page(searchPath, "search.html", "Search", map[string]any{"kubes": len(c.kubes)}); err != nil {
		return err
	}
	return paged(p, "list", "list.html", "Kubes", rows(c.kubes), nil)
}

// keywordCount is one row of the list of keywords.
type keywordCount struct {
	Word, Path string
	Count      int
}

func (k keywordCount) size() int { return 80 + weigh(k.Word, k.Path) }

// keywords are the Kubes that have a keyword, in lower case, by name.
func (c *catalog) keywords() map[string][]*entry {
	of := map[string][]*entry{}
	for _, k := range c.kubes {
		for _, word := range k.Keywords {
			lower := strings.ToLower(word)
			if list := of[lower]; len(list) == 0 || list[len(list)-1] != k {
				of[lower] = append(list, k)
			}
		}
	}
	return of
}

// printKeywords draws a page for each keyword, and those that list them.
func printKeywords(p *printer, c *catalog) error {
	now, before := c.keywords(), p.before.keywords()
	var counts []keywordCount
	for _, word := range slices.Sorted(maps.Keys(now)) {
		folder := keywordFolder(word)
		counts = append(counts, keywordCount{word, folder + "/index.html", len(now[word])})
		if sameRows(c, p.before, now[word], before[word]) {
			kept, err := p.keep(folder + "/")
			if err != nil {
				return err
			}
			if kept {
				continue
			}
		}
		if err := paged(p, folder, "keyword.html", "Kubes with the keyword "+word, rows(now[word]), nil); err != nil {
			return err
		}
	}
	return paged(p, "keywords", "keywords.html", "Keywords", counts, nil)
}

// sameRows reports whether a list of Kubes shows the same as before.
func sameRows(c, old *catalog, now, before []*entry) bool {
	return slices.EqualFunc(now, before, func(k, was *entry) bool { return k.Name == was.Name && c.row(old, k.Name) })
}

// printNotFound draws the page that a server shows for an address that leads nowhere.
func printNotFound(p *printer, _ *catalog) error {
	return p.page(lostPath, "404.html", "Nothing is here", nil)
}
