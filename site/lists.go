package site

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// perPage is how many rows a page of a list has.
const perPage = 200

// row is one Kube in a list.
type row struct {
	Name, Version, Description, License, Path, Day, Moment string
	Deprecated, Yanked                                     string
	Tested                                                 string
}

func rowOf(k *entry) row {
	return row{
		Name: k.Name, Version: k.Version, Description: k.Description, License: k.License, Path: kubePath(k.Name), Tested: testedText(k.results),
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

// pager says where the pages beside a page of a list are; "" where none is.
type pager struct {
	Page, Pages          int
	Previous, Next       string
	First, Last, Entries int
}

// pagesOf draws a list in pages of perPage rows; at says where each page is.
func pagesOf(entries int, at func(page int) string, draw func(path string, from, to int, around pager) error) error {
	pages := max((entries+perPage-1)/perPage, 1)
	for n := 1; n <= pages; n++ {
		from, to := (n-1)*perPage, min(n*perPage, entries)
		around := pager{Page: n, Pages: pages, First: from + 1, Last: to, Entries: entries}
		if n > 1 {
			around.Previous = at(n - 1)
		}
		if n < pages {
			around.Next = at(n + 1)
		}
		if err := draw(at(n), from, to, around); err != nil {
			return err
		}
	}
	return nil
}

// paged draws a list into a folder.
func paged[T any](p *printer, folder, template, title string, list []T, values map[string]any) error {
	return pagesOf(len(list), func(n int) string { return listPagePath(folder, n) }, func(path string, from, to int, around pager) error {
		v := clone(values)
		v["rows"], v["pager"] = list[from:to], around
		heading := title
		if around.Page > 1 {
			heading = fmt.Sprintf("%s, page %d", title, around.Page)
		}
		return p.page(path, template, heading, v)
	})
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

// onHome is how many Kubes each list of the home page has.
const onHome = 10

// home draws the front page. It alone shows when the index was signed.
func printHome(p *printer, c *catalog) error {
	return p.page(homePath, "home.html", p.Head.Repository, map[string]any{
		"kubes": len(c.kubes), "newest": rows(c.newest(onHome)), "updated": rows(c.updated(onHome)), "add": addCommand(p.Repository), "session": session,
		"issued": p.Head.Issued.Format("2006-01-02 15:04 UTC"), "issuedAt": p.Head.Issued.Format(time.RFC3339),
		"expires": p.Head.Expires.Format(time.DateOnly), "seq": p.Head.Seq,
	})
}

// addCommand is how a user adds the repository. URL stands where nobody said
// where it is served.
func addCommand(r Repository) string {
	return fmt.Sprintf("$ kpm repo add %s %s --trust %s", r.Head.Repository, cmp.Or(r.URL, "URL"), r.Pin)
}

// session is what kpm looks like in a terminal.
const session = `$ kpm update
---> Fetching updates...
---> Done
$ kpm search etcd
	etcd-standalone: etcd-standalone is a single Etcd instance (no cluster)
	etcd-ha-cluster: an HA Etcd cluster (3+ pods)
	etcd-discovery:  a single-pod Etcd service discovery server
$ kpm install etcd-standalone
---> Downloading etcd-standalone-2.2.0-beta3
---> Applying 2 objects to namespace default of cluster https://…
---> Done`

func first[T any](list []T, n int) []T { return list[:min(n, len(list))] }

// notFound draws the page that a server shows for an address that leads nowhere.
func printNotFound(p *printer, _ *catalog) error {
	return p.page(lostPath, "404.html", "Nothing is here", nil)
}
