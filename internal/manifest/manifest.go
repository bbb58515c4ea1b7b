// Package manifest reads Kubernetes objects from the YAML and JSON files of a
// Kube.
//
// A YAML file holds any number of documents, a JSON file one value. A list
// (kind List, or a typed one such as ConfigMapList) stands for its items; empty
// documents are skipped; a file without an object is a fault. Every object has
// an apiVersion, a kind and a metadata.name.
//
// Values are what Kubernetes itself would read: YAML 1.1 words such as yes are
// booleans, whole numbers are int64 where they fit and float64 elsewhere. A key
// that is there twice is a fault, with its line, because Kubernetes would drop
// one of the two in silence; a merge key (<<) and a key that overrides what it
// brought in are fine.
//
// The package does not know what fields an object may have: the cluster does.
package manifest

import (
	"bytes"
	"fmt"
	"path"
	"unicode/utf8"

	"github.com/kpm-sh/kpm/internal/kube"
)

// MaxDepth is how deep mappings and lists of a file may nest.
const MaxDepth = 256

// Object is one Kubernetes object as its author wrote it. Line is where it
// starts in Path, or where the list in a JSON file does that it is an item of.
type Object struct {
	Path       string
	Line       int
	APIVersion string
	Kind       string
	Namespace  string // "" when the file names none
	Name       string
	Value      map[string]any
}

// String names the object for people, as in "Deployment web/nginx".
func (o Object) String() string {
	if o.Namespace == "" {
		return o.Kind + " " + o.Name
	}
	return o.Kind + " " + o.Namespace + "/" + o.Name
}

// Decode reads the objects of a file, and every fault that it can tell without
// a cluster. path says where it lies in the Kube, and whether it is JSON.
// Objects beside a fault are returned, too.
func Decode(path string, data []byte) ([]Object, kube.Problems) {
	f := &file{path: path}
	if data = bytes.TrimPrefix(data, []byte("\ufeff")); !utf8.Valid(data) {
		f.errorf(1+bytes.Count(validPrefix(data), []byte("\n")), "not UTF-8")
		return nil, f.problems
	}
	if f.isJSON() {
		f.json(data)
	} else {
		f.yaml(data)
	}
	if len(f.objects) == 0 && len(f.problems) == 0 {
		f.errorf(0, "there is no object in it")
	}
	f.problems.Sort()
	return f.objects, f.problems
}

// file is a file while it is read.
type file struct {
	path     string
	objects  []Object
	problems kube.Problems
}

func (f *file) errorf(line int, format string, args ...any) {
	f.problems = append(f.problems, kube.Problem{Path: f.path, Line: line, Message: fmt.Sprintf(format, args...)})
}

func (f *file) isJSON() bool {
	return path.Ext(f.path) == ".json"
}

func validPrefix(data []byte) []byte {
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			return data[:i]
		}
		i += n
	}
	return data
}
