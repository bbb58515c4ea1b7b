package site

import (
	"bytes"
	"fmt"
	"html"
	"path"
	"strings"

	"github.com/alecthomas/chroma/v2"
	chromahtml "github.com/alecthomas/chroma/v2/formatters/html"
	"github.com/alecthomas/chroma/v2/lexers"
	"github.com/alecthomas/chroma/v2/styles"
)

const (
	maxColoured = 200 << 10 // bytes of a file that is shown in colours
	maxShown    = 1 << 20   // bytes of a file that are shown at all
)

// highlight gives the HTML of a file: in colours by classes, as
// Content-Security-Policy allows no style in a page, or plain where it is long
// or of no known language.
func highlight(name, text string) (string, error) {
	if len(text) > maxColoured {
		return `<pre class="code" tabindex="0">` + html.EscapeString(text) + "</pre>", nil
	}
	lexer := lexerOf(name)
	if lexer == nil {
		return `<pre class="code" tabindex="0">` + html.EscapeString(text) + "</pre>", nil
	}
	tokens, err := lexer.Tokenise(nil, text)
	if err != nil {
		return "", fmt.Errorf("colouring %s: %w", name, err)
	}
	var out bytes.Buffer
	formatter := chromahtml.New(chromahtml.WithClasses(true), chromahtml.PreventSurroundingPre(true))
	if err := formatter.Format(&out, styles.Fallback, tokens); err != nil {
		return "", fmt.Errorf("colouring %s: %w", name, err)
	}
	return `<pre class="code chroma" tabindex="0">` + out.String() + "</pre>", nil
}

// lexerOf chooses by the end of the name alone: what a text looks like is a
// guess.
func lexerOf(name string) chroma.Lexer {
	language := map[string]string{
		".yaml": "YAML", ".yml": "YAML", ".json": "JSON", ".py": "Python", ".sh": "Bash", ".md": "markdown", ".toml": "TOML", ".sql": "SQL", ".conf": "Nginx configuration file",
	}[path.Ext(strings.TrimSuffix(name, ".tmpl"))]
	if language == "" {
		return nil
	}
	return chroma.Coalesce(lexers.Get(language))
}
