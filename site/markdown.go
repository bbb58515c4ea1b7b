package site

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer/html"
)

// markdown turns Markdown into HTML. A README is somebody else's: its HTML is
// sanitised, images of other origins become links, and the ids of its headings
// cannot be those of the page.
type markdown struct {
	md     goldmark.Markdown
	policy *bluemonday.Policy
}

var newMarkdown = sync.OnceValue(func() *markdown {
	policy := bluemonday.NewPolicy()
	policy.AllowStandardURLs()
	policy.AllowURLSchemes("http", "https", "mailto")
	policy.AllowElements("h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "blockquote", "pre", "code", "em", "strong", "del", "s", "sub", "sup",
		"kbd", "b", "i", "ul", "ol", "li", "dl", "dt", "dd", "details", "summary")
	policy.AllowAttrs("id").Matching(regexp.MustCompile(`^readme-[a-z0-9-]{1,100}$`)).OnElements("h1", "h2", "h3", "h4", "h5", "h6")
	policy.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	policy.AllowAttrs("class").Matching(regexp.MustCompile(`^language-[a-zA-Z0-9+#-]{1,30}$`)).OnElements("code")
	policy.AllowAttrs("href").OnElements("a")
	policy.AllowTables()
	policy.RequireNoFollowOnLinks(true)
	policy.RequireNoReferrerOnLinks(true)
	return &markdown{
		md: goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithParserOptions(parser.WithAutoHeadingID()),
			goldmark.WithRendererOptions(html.WithUnsafe())),
		policy: policy,
	}
})

var (
	headingID = regexp.MustCompile(`(<h[1-6] id=")`)
	image     = regexp.MustCompile(`<img [^>]*?src="([^"]*)"[^>]*?alt="([^"]*)"[^>]*>`)
	heading1  = regexp.MustCompile(`(</?h)([1-5])([ >])`)
)

// readme gives the HTML of a README.
func (m *markdown) readme(text string) (string, error) {
	var out bytes.Buffer
	if err := m.md.Convert([]byte(text), &out); err != nil {
		return "", fmt.Errorf("reading the README: %w", err)
	}
	marked := headingID.ReplaceAll(out.Bytes(), []byte("${1}readme-"))
	linked := image.ReplaceAll(marked, []byte(`<a href="$1">$2</a>`))
	return focusable(string(lower(m.policy.SanitizeBytes(linked)))), nil
}

// focusable lets a keyboard scroll what may be wider than the page.
func focusable(page string) string {
	return strings.NewReplacer("<pre>", `<pre tabindex="0">`, "<table>", `<div class="wide" tabindex="0"><table>`, "</table>", "</table></div>").Replace(page)
}

// lower makes each heading one level lower: the page has an h1 of its own.
func lower(page []byte) []byte {
	return heading1.ReplaceAllFunc(page, func(tag []byte) []byte {
		parts := heading1.FindSubmatch(tag)
		return fmt.Appendf(nil, "%s%d%s", parts[1], parts[2][0]-'0'+1, parts[3])
	})
}
