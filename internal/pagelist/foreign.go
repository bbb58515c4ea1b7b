package pagelist

import (
	"bytes"
	"strings"
)

// Generator stands near the beginning of every HTML page that kpm-indexer draws.
const Generator = `<meta name="generator" content="kpm-indexer">`

// Foreign reports whether what lies where a page goes is an HTML file of somebody else,
// which nobody wants overwritten. Of other files, and of an empty one, nothing can be
// told: they are not.
func Foreign(path string, content []byte) bool {
	return strings.HasSuffix(path, ".html") && len(content) > 0 && !bytes.Contains(content[:min(len(content), headBytes)], []byte(Generator))
}

// headBytes are enough of a page for its Generator to be among them.
const headBytes = 2 << 10
