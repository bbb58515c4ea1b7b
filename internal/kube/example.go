package kube

import (
	"bytes"
	"embed"
	"io/fs"
	"strings"

	"github.com/kpm-sh/kpm/internal/lazyregexp"
	"github.com/kpm-sh/kpm/internal/yamlnode"
)

//go:embed example
var example embed.FS

// exampleName is the name that the files of the example carry, and exampleService that of
// its Service, which begins with a letter on older servers.
const (
	exampleName    = "example-name"
	exampleService = "example-service"
)

// wholeName is the name where it is all of a value in YAML.
var wholeName = lazyregexp.New(`(?m): (` + exampleName + "|" + exampleService + `)$`)

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
		if _, text := yamlnode.Word(name).(string); !text && path != "example/"+ReadmePath {
			data = wholeName().ReplaceAll(data, []byte(`: "$1"`))
		}
		service := name
		if name[0] <= '9' {
			service = "web-" + name
		}
		data = bytes.ReplaceAll(data, []byte(exampleService), []byte(service))
		data = bytes.ReplaceAll(data, []byte(exampleName), []byte(name))
		files = append(files, File{Path: strings.TrimPrefix(path, "example/"), Data: data})
		return nil
	})
	sortFiles(files)
	return files, err
}
