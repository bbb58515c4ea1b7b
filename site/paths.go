package site

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"

	"github.com/kpm-sh/kpm/internal/pagelist"
)

// Every page's path is spelled here, relative to the root of the site. Links
// name the file, as nothing adds index.html where there is no server.

const (
	homePath   = "index.html"
	searchPath = "search/index.html"
	statusPath = "status/index.html"
	feedPath   = "feed.xml"
	lostPath   = "404.html"
)

func kubePath(name string) string { return pagelist.KubeFolder(name) + "index.html" }

func releasePath(name, version string) string {
	return pagelist.KubeFolder(name) + strings.ReplaceAll(version, "+", "_") + ".html"
}

func filesPath(name, version string) string {
	return pagelist.KubeFolder(name) + "files/" + strings.ReplaceAll(version, "+", "_") + ".html"
}

func listPagePath(folder string, page int) string {
	if page <= 1 {
		return folder + "/index.html"
	}
	return fmt.Sprintf("%s/%d.html", folder, page)
}

func docPath(name string) string { return "docs/" + name + ".html" }

// keywordSlug is a word of a path for any keyword: itself where it is plain.
func keywordSlug(keyword string) string {
	lower := strings.ToLower(keyword)
	plain := strings.IndexFunc(lower, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-'
	}) < 0
	if plain && lower != "" && len(lower) <= 64 && lower != "index" {
		return lower
	}
	sum := sha256.Sum256([]byte(lower))
	return "k-" + hex.EncodeToString(sum[:6])
}

func keywordFolder(keyword string) string { return "keywords/" + keywordSlug(keyword) }

// root is the way from a page to the root of the site, "" or "../" and so on.
func root(page string) string {
	return strings.Repeat("../", strings.Count(page, "/"))
}

// webAddress gives an address that a page may link to, or "": authors write
// addresses, and javascript: is one.
func webAddress(text string) string {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil {
		return ""
	}
	switch u.Scheme {
	case "http", "https":
		if u.Host == "" {
			return ""
		}
	case "mailto":
	default:
		return ""
	}
	return u.String()
}
