//go:build unix

package main

const defaultEditor = "vi"

// editorCommand is how a shell would run the editor, which may bring arguments of
// its own.
func editorCommand(editor string, files []string) []string {
	return append([]string{"sh", "-c", editor + ` "$@"`, editor}, files...)
}
