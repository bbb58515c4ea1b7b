package kube

import (
	"bytes"
	"embed"
	"io/fs"
	"strings"
)

//go:embed example
var example embed.FS

// exampleName is the name that the files of the example carry.
const exampleName = "example-name"

// Example is a small Kube of the given name to start from: a web server with a
// page of its own. ReadDir finds nothing to say about it.
func Example(name string) ([]File, error) {
	if err := ValidName(name); err != nil {
		return nil, err
	}
	var files []File
	err := fs.WalkDir(example, "example", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := example.ReadFile(path)
		if err != nil {
			return err
		}
		data = bytes.ReplaceAll(data, []byte(exampleName), []byte(name))
		files = append(files, File{Path: strings.TrimPrefix(path, "example/"), Data: data})
		return nil
	})
	sortFiles(files)
	return files, err
}
