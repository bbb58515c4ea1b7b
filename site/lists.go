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
	Tested                                                 []string
}

func rowOf(k *entry) row {
	return row{
		Name: k.Name, Version: k.Version, Description: k.Description, License: k.License, Path: kubePath(k.Name), Tested: k.Tested,
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

// paged draws a list in pages of perPage rows into a folder.
func paged(p *printer, folder, template, title string, list []row, values map[string]any) error {
	pages := max((len(list)+perPage-1)/perPage, 1)
	for n := 1; n <= pages; n++ {
		from, to := (n-1)*perPage, min(n*perPage, len(list))
		around := pager{Page: n, Pages: pages, First: from + 1, Last: to, Entries: len(list)}
		if n > 1 {
			around.Previous = listPagePath(folder, n-1)
		}
		if n < pages {
			around.Next = listPagePath(folder, n+1)
		}
		v := clone(values)
		v["rows"], v["pager"], v["first"] = list[from:to], around, listPagePath(folder, 1)
		heading := title
		if n > 1 {
			heading = fmt.Sprintf("%s, page %d", title, n)
		}
		if err := p.page(listPagePath(folder, n), template, heading, v); err != nil {
			return err
		}
	}
	return nil
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

// keywords draws a page for each keyword, and one that lists them.
func printKeywords(p *printer, c *catalog) error {
	of := map[string][]*entry{}
	for _, k := range c.kubes {
		for _, word := range k.Keywords {
			lower := strings.ToLower(word)
			if list := of[lower]; len(list) == 0 || list[len(list)-1] != k {
				of[lower] = append(list, k)
			}
		}
	}
	var counts []keywordCount
	for _, word := range slices.Sorted(maps.Keys(of)) {
		counts = append(counts, keywordCount{word, keywordFolder(word) + "/index.html", len(of[word])})
		if err := paged(p, keywordFolder(word), "keyword.html", "Kubes with the keyword "+word, rows(of[word]), map[string]any{"keyword": word}); err != nil {
			return err
		}
	}
	return p.page(keywordsPath, "keywords.html", "Keywords", map[string]any{"keywords": counts})
}

// status draws the page of all test results.
func printStatus(p *printer, c *catalog) error {
	tested := slices.DeleteFunc(slices.Clone(c.kubes), func(k *entry) bool { return len(k.Tested) == 0 })
	servers := map[string]bool{}
	for _, k := range tested {
		for _, version := range k.Tested {
			servers[version] = true
		}
	}
	return paged(p, "status", "status.html", "Test results", rows(c.kubes), map[string]any{
		"tested": len(tested), "untested": len(c.kubes) - len(tested), "servers": slices.Sorted(maps.Keys(servers)),
	})
}

// onHome is how many Kubes each list of the home page has.
const onHome = 10

// home draws the front page. It alone shows when the index was signed.
func printHome(p *printer, c *catalog) error {
	return p.page(homePath, "home.html", p.Head.Repository, map[string]any{
		"kubes": len(c.kubes), "newest": rows(first(c.byAge(), onHome)), "updated": rows(first(c.byUpdate(), onHome)), "add": addCommand(p.Repository), "session": session,
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
