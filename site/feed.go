package site

import (
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/gorilla/feeds"

	"github.com/kpm-sh/kpm/internal/kube"
)

// printFeed draws the Atom feed (RFC 4287) of the newest releases.
func printFeed(p *printer, c *catalog) error {
	base := strings.TrimSuffix(p.URL, "/") + "/"
	if p.URL == "" {
		base = ""
	}
	f := &feeds.Feed{Title: p.Head.Repository + ": new releases", Id: "urn:sha256:" + string(p.Head.Root), Link: &feeds.Link{Href: base + homePath}, Author: &feeds.Author{Name: p.Head.Repository}}
	var all []feedItem
	for _, k := range c.kubes {
		all = append(all, k.releases...)
	}
	for _, item := range newestReleases(all) {
		f.Items = append(f.Items, &feeds.Item{
			Title: item.name + " " + item.version, Description: kube.Clean(item.description, false),
			Id: fmt.Sprintf("urn:sha256:%s:%s:%s", p.Head.Root, item.name, item.version), Link: &feeds.Link{Href: base + releasePath(item.name, item.version)},
			Created: item.built, Updated: item.built,
		})
		if f.Updated.Before(item.built) {
			f.Updated = item.built
		}
	}
	data, err := xml.MarshalIndent((&feeds.Atom{Feed: f}).FeedXml(), "", " ")
	if err != nil {
		return fmt.Errorf("writing the feed: %w", err)
	}
	return p.emit(Page{Path: feedPath, Data: append([]byte(xml.Header), append(data, '\n')...)})
}
