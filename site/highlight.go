package site

import (
	"bytes"
	"embed"
	"fmt"
	"html"
	"path"
	"strings"
	"sync"

	"github.com/alecthomas/chroma/v2"
	chromahtml "github.com/alecthomas/chroma/v2/formatters/html"
)

const (
	maxColoured = 200 << 10 // bytes of a file that is shown in colours
	maxShown    = 1 << 20   // bytes of a file that are shown at all

	// maxFilesShown is how many bytes of all files of a release are shown: escaped
	// and coloured they are a few times as many, and a page has its limit.
	maxFilesShown = 2 << 20
)

// lexerFiles are the languages of chroma that files of a Kube are in. Its own
// package of lexers has hundreds, and all of them would be linked.
//
//go:embed lexers/*.xml
var lexerFiles embed.FS

var lexers = map[string]func() chroma.Lexer{
	".json": lexer("json"), ".py": lexer("python"), ".sh": lexer("bash"), ".toml": lexer("toml"), ".sql": lexer("sql"), ".conf": lexer("nginx"),
}

func lexer(language string) func() chroma.Lexer {
	return sync.OnceValue(func() chroma.Lexer {
		return chroma.Coalesce(chroma.MustNewXMLLexer(lexerFiles, "lexers/"+language+".xml"))
	})
}

// Classes, no styles: Content-Security-Policy allows none in a page, and site.css
// says how they look.
var (
	formatter = chromahtml.New(chromahtml.WithClasses(true), chromahtml.PreventSurroundingPre(true))
	noStyle   = chroma.MustNewStyle("none", chroma.StyleEntries{})
)

// highlight gives the HTML of a file: in colours, or plain where it is long or of no
// known language. The language is chosen by the end of the name alone: what a text
// looks like is a guess.
func highlight(name, text string) (string, error) {
	tokens, err := tokensOf(path.Ext(strings.TrimSuffix(name, ".tmpl")), text)
	if err != nil {
		return "", fmt.Errorf("colouring %s: %w", name, err)
	}
	if tokens == nil {
		return `<pre class="code" tabindex="0">` + html.EscapeString(text) + "</pre>", nil
	}
	var out bytes.Buffer
	if err := formatter.Format(&out, noStyle, tokens); err != nil {
		return "", fmt.Errorf("colouring %s: %w", name, err)
	}
	return `<pre class="code chroma" tabindex="0">` + out.String() + "</pre>", nil
}

// tokensOf is nil where a text is not coloured.
func tokensOf(ext, text string) (chroma.Iterator, error) {
	switch {
	case len(text) > maxColoured:
		return nil, nil
	case ext == ".yaml" || ext == ".yml":
		return chroma.Literator(yamlTokens(text)...), nil
	case lexers[ext] == nil:
		return nil, nil
	}
	return lexers[ext]().Tokenise(nil, text)
}
