package site

import (
	"bytes"
	"fmt"
	"html"
	"regexp"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"

	"github.com/kpm-sh/kpm/docs"
)

// guide is a page of docs/ in the order in which the site lists them.
type guide struct {
	Name, Title, Group string
	Path               string
}

var guides = []guide{
	{Name: "install", Title: "Install kpm", Group: "Start"},
	{Name: "tutorial-install", Title: "Install something", Group: "Start"},
	{Name: "tutorial-kube", Title: "Your first Kube", Group: "Start"},
	{Name: "tutorial-repository", Title: "Run a repository", Group: "Start"},
	{Name: "concepts", Title: "How it fits together", Group: "Start"},
	{Name: "history", Title: "History and home", Group: "Use Kubes"},
	{Name: "readiness", Title: "What is waited for", Group: "Use Kubes"},
	{Name: "ownership", Title: "What is there already", Group: "Use Kubes"},
	{Name: "rbac", Title: "Permissions in the cluster", Group: "Use Kubes"},
	{Name: "environment", Title: "Settings", Group: "Use Kubes"},
	{Name: "repository", Title: "Files that authors write", Group: "Write Kubes"},
	{Name: "values", Title: "Values", Group: "Write Kubes"},
	{Name: "templates", Title: "Templates", Group: "Write Kubes"},
	{Name: "hooks", Title: "Hooks", Group: "Write Kubes"},
	{Name: "tests", Title: "Tests of a Kube", Group: "Write Kubes"},
	{Name: "checks", Title: "What is checked", Group: "Write Kubes"},
	{Name: "submit", Title: "Submit a Kube", Group: "Write Kubes"},
	{Name: "publish", Title: "Put a site on a server", Group: "Look after a repository"},
	{Name: "operate", Title: "The tasks of an operator", Group: "Look after a repository"},
	{Name: "recalls", Title: "What is taken back", Group: "Look after a repository"},
	{Name: "air-gap", Title: "Behind an air gap", Group: "Look after a repository"},
	{Name: "security", Title: "Attacks, and what stops them", Group: "Look after a repository"},
	{Name: "commands", Title: "Commands", Group: "Reference"},
	{Name: "indexer-commands", Title: "Commands of kpm-indexer", Group: "Reference"},
	{Name: "errors", Title: "Exit codes and errors", Group: "Reference"},
	{Name: "report", Title: "Reports in JSON", Group: "Reference"},
	{Name: "format", Title: "The published format", Group: "Reference"},
	{Name: "architecture", Title: "The house", Group: "About kpm"},
	{Name: "decisions", Title: "Decisions", Group: "About kpm"},
	{Name: "benchmarks", Title: "Benchmarks", Group: "About kpm"},
}

var markdownLink = regexp.MustCompile(`href="([a-z-]+)\.md(#[^"]*)?"`)

// printGuides draws the guides.
func printGuides(p *printer, _ *catalog) error {
	if kept, err := p.keep("docs/"); kept || err != nil {
		return err // what they show is of the program
	}
	list := make([]guide, len(guides))
	for i, g := range guides {
		g.Path = docPath(g.Name)
		list[i] = g
	}
	if err := p.page(docPath("index"), "docs.html", "Documentation", map[string]any{"groups": grouped(list)}); err != nil {
		return err
	}
	md := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithParserOptions(parser.WithAutoHeadingID()))
	for _, g := range list {
		text, err := docs.Files.ReadFile(g.Name + ".md")
		if err != nil {
			return fmt.Errorf("reading the guide %s: %w", g.Name, err)
		}
		var out bytes.Buffer
		if err := md.Convert(text, &out); err != nil {
			return fmt.Errorf("reading the guide %s: %w", g.Name, err)
		}
		coloured, err := colourBlocks(out.String())
		if err != nil {
			return err
		}
		page := markdownLink.ReplaceAllString(coloured, `href="$1.html$2"`)
		if err := p.page(g.Path, "guide.html", g.Title, map[string]any{"groups": grouped(list), "guide": g, "text": focusable(page), "sections": sectionsOf(page)}); err != nil {
			return err
		}
	}
	return nil
}

var section = regexp.MustCompile(`<h2 id="([^"]+)">(.*?)</h2>`)

// sectionsOf are the parts of a guide that its own headings name; none where there are
// few, or too many to be a help.
func sectionsOf(page string) []link {
	found := section.FindAllStringSubmatch(page, -1)
	if len(found) < 3 || len(found) > 40 {
		return nil
	}
	var out []link
	for _, f := range found {
		out = append(out, link{html.UnescapeString(tags.ReplaceAllString(f[2], "")), "#" + f[1]})
	}
	return out
}

var tags = regexp.MustCompile(`<[^>]*>`)

// guideGroup are guides below one heading.
type guideGroup struct {
	Title  string
	Guides []guide
}

func grouped(list []guide) []guideGroup {
	var groups []guideGroup
	for _, g := range list {
		if n := len(groups); n == 0 || groups[n-1].Title != g.Group {
			groups = append(groups, guideGroup{Title: g.Group})
		}
		last := &groups[len(groups)-1]
		last.Guides = append(last.Guides, g)
	}
	return groups
}
