package site

import (
	"bytes"
	"fmt"
	"html"
	"regexp"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	render "github.com/yuin/goldmark/renderer/html"
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
			goldmark.WithRendererOptions(render.WithUnsafe())),
		policy: policy,
	}
})

var (
	headingID = regexp.MustCompile(`(<h[1-6] id=")`)
	picture   = regexp.MustCompile(`<img [^>]*?src="([^"]*)"[^>]*?alt="([^"]*)"[^>]*>`)
	heading   = regexp.MustCompile(`(</?h)([1-6])([ >])`)
	noHeading = regexp.MustCompile(`<h[1-6][^>]*>(?:\s|</?(?:a|b|i|em|strong|code|del|s|sub|sup|kbd)\b[^>]*>)*</h[1-6]>`)
	codeBlock = regexp.MustCompile(`(?s)<pre><code class="language-([a-zA-Z0-9+#-]{1,30})">([^<]*)</code></pre>`)
)

// page is a README as the page of its Kube shows it: without a heading that only says the
// name again, and not more of it than limit bytes of HTML. Whole reports whether it is.
func (m *markdown) page(name, text string, limit int) (page string, whole bool, err error) {
	text = withoutTitle(name, text)
	for size := len(text); size > 0; size = size / 2 {
		part := beginning(text, size)
		page, err := m.readme(part)
		if err != nil || len(page) <= limit {
			return page, len(part) == len(text), err
		}
	}
	return "", text == "", nil
}

// withoutTitle leaves out a first line that is a heading with the name.
func withoutTitle(name, text string) string {
	first, rest, _ := strings.Cut(strings.TrimLeft(text, "\r\n \ufeff"), "\n")
	if title, ok := strings.CutPrefix(first, "# "); ok && strings.EqualFold(strings.TrimSpace(title), name) {
		return rest
	}
	return text
}

// beginning are the paragraphs of a text that end within its first n bytes.
func beginning(text string, n int) string {
	if n >= len(text) {
		return text
	}
	part := strings.ToValidUTF8(text[:n], "")
	part = part[:max(strings.LastIndex(part, "\n\n"), 0)]
	if fences := regexp.MustCompile("(?m)^ {0,3}(```|~~~)").FindAllStringIndex(part, -1); len(fences)%2 == 1 {
		part = part[:fences[len(fences)-1][0]]
	}
	return part
}

// readme gives the HTML of a README.
func (m *markdown) readme(text string) (string, error) {
	var out bytes.Buffer
	if err := m.md.Convert([]byte(text), &out); err != nil {
		return "", fmt.Errorf("reading the README: %w", err)
	}
	marked := headingID.ReplaceAll(out.Bytes(), []byte("${1}readme-"))
	linked := picture.ReplaceAll(marked, []byte(`<a href="$1">$2</a>`))
	coloured, err := colourBlocks(string(lower(m.policy.SanitizeBytes(linked))))
	return focusable(coloured), err
}

// colourBlocks gives blocks of code the colours of the language that they name.
func colourBlocks(page string) (string, error) {
	var fault error
	coloured := codeBlock.ReplaceAllStringFunc(page, func(block string) string {
		parts := codeBlock.FindStringSubmatch(block)
		text, err := highlight("x."+extensionOf(parts[1]), html.UnescapeString(parts[2]))
		if err != nil {
			fault = err
		}
		return text
	})
	return coloured, fault
}

// extensionOf is the end of a file's name for what blocks of code call its language.
func extensionOf(language string) string {
	switch word := strings.ToLower(language); word {
	case "python":
		return "py"
	case "bash", "shell", "console", "shell-session":
		return "sh"
	case "nginx":
		return "conf"
	default:
		return word
	}
}

// focusable lets a keyboard scroll what may be wider than the page. A heading of a column
// that says nothing is none.
func focusable(page string) string {
	return strings.NewReplacer("<pre>", `<pre tabindex="0">`, "<th></th>", "<td></td>", "<table ", `<div class="wide" tabindex="0"><table `, "</table>", "</table></div>").Replace(fixTables(page))
}

// lower fits the headings below the h1 that a page has of its own: none is an h1, and none
// is more than one level below the heading before it.
func lower(page []byte) []byte {
	shift := 0
	if bytes.Contains(page, []byte("<h1")) {
		shift = 1
	}
	level := 1
	page = noHeading.ReplaceAll(page, nil)
	return heading.ReplaceAllFunc(page, func(tag []byte) []byte {
		parts := heading.FindSubmatch(tag)
		if string(parts[1]) == "<h" {
			level = max(2, min(int(parts[2][0]-'0')+shift, level+1, 6))
		}
		return fmt.Appendf(nil, "%s%d%s", parts[1], level, parts[3])
	})
}
