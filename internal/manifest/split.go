package manifest

import (
	"bytes"
	"strings"

	"go.yaml.in/yaml/v3"
)

// document is the text of one YAML document. line is where it starts in its
// file, from 1.
type document struct {
	line int
	text []byte
}

// split cuts a YAML file at its document markers. No text of a document can
// look like one, because a marker ends every kind of text.
func split(data []byte) []document {
	var docs []document
	current := document{line: 1}
	line := 0
	for text := range bytes.Lines(data) {
		line++
		switch {
		case isMarker(text, "---"):
			docs = append(docs, current)
			// What follows the marker belongs to the document.
			current = document{line: line, text: append([]byte("   "), untabbed(text[3:])...)}
		case isMarker(text, "..."):
			docs = append(docs, current)
			current = document{line: line + 1}
		case text[0] == '%' && len(bytes.TrimSpace(current.text)) == 0:
			current.text = append(current.text, '\n') // a directive, such as %YAML 1.1
		default:
			current.text = append(current.text, text...)
		}
	}
	return append(docs, current)
}

// untabbed makes blanks of the tabs that text begins with: after a marker they are no
// indentation.
func untabbed(text []byte) []byte {
	rest := bytes.TrimLeft(text, " \t")
	return append(bytes.Repeat([]byte(" "), len(text)-len(rest)), rest...)
}

// itemLines are the lines of the entries of `items`, if root has any.
func (doc document) itemLines(root *yaml.Node) []int {
	var lines []int
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value == "items" && root.Content[i+1].Kind == yaml.SequenceNode {
			for _, item := range root.Content[i+1].Content {
				lines = append(lines, doc.line+item.Line-1)
			}
		}
	}
	return lines
}

func isMarker(line []byte, marker string) bool {
	rest, ok := bytes.CutPrefix(line, []byte(marker))
	return ok && (len(rest) == 0 || strings.IndexByte(" \t\r\n", rest[0]) >= 0)
}
