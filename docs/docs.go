// Package docs is the documentation of kpm: Markdown, one source for the
// repository and for the web site.
package docs

import "embed"

// Files are the guides, NAME.md each.
//
//go:embed *.md
var Files embed.FS
