package main

import (
	"github.com/kpm-sh/kpm/indexer"
)

// trustFlag is shared by the commands that look after a published site.
type trustFlag struct {
	Trust string `placeholder:"DIR" help:"Folder of trust documents, instead of those of the site."`
}

// siteFlags are shared by the commands that change a published site.
type siteFlags struct {
	Site string `arg:"" help:"The site: its folder."`
	trustFlag
}

func (f siteFlags) options(std stdio) (indexer.MaintainOptions, error) {
	return f.trustFlag.options(f.Site, std)
}

func (f trustFlag) options(site string, std stdio) (indexer.MaintainOptions, error) {
	now, err := std.now()
	return indexer.MaintainOptions{Site: site, Trust: f.Trust, Now: now, Fetch: std.fetch(), Report: std.report()}, err
}
