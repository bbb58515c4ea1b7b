package main

import "strings"

const defaultEditor = "notepad"

// editorCommand runs the editor, which may bring arguments of its own.
func editorCommand(editor string, files []string) []string {
	return append(strings.Fields(editor), files...)
}
