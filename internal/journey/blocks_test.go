package journey

import (
	"os"
	"strings"
	"testing"
)

// block is a piece of code of a page of Markdown.
type block struct {
	line  int      // of its first
	lines []string // without the white space before them
	text  []string // as they are
}

// blocks are the indented and the fenced pieces of code of a page.
func blocks(t *testing.T, page string) []block {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var all []block
	fenced, inBlock, blank := false, false, true
	for i, line := range strings.Split(string(text), "\n") {
		bare := strings.TrimLeft(line, " ")
		switch {
		case strings.HasPrefix(bare, "```"):
			fenced = !fenced
			inBlock = false
			continue
		case fenced, bare != "" && len(line)-len(bare) >= 4 && (inBlock || blank):
			if !inBlock {
				all = append(all, block{line: i + 1})
			}
			last := &all[len(all)-1]
			last.lines, last.text = append(last.lines, bare), append(last.text, line)
			inBlock = true
		case bare != "":
			inBlock = false
		}
		blank = bare == ""
	}
	return all
}

// commands are what is typed in b: nothing, when it shows something else. In a
// session, what stands behind a dollar is typed, and the rest is printed.
func (b block) commands() []string {
	words := strings.Fields(b.lines[0])
	if words[0] == "$" {
		var typed []string
		for _, line := range b.lines {
			if command, ok := strings.CutPrefix(line, "$ "); ok {
				typed = append(typed, command)
			}
		}
		return typed
	}
	if !typed[words[0]] || len(words) > 1 && strings.HasPrefix(words[1], "-") && words[0] == "kpm-indexer" {
		return nil
	}
	return b.lines
}

// typed are the first words of commands.
var typed = map[string]bool{
	"kpm": true, "kpm-indexer": true, "kubectl": true, "cd": true, "go": true, "git": true, "make": true, "jq": true, "export": true,
	"mkdir": true, "rsync": true, "tar": true,
}
