package kube

import (
	"path"
	"slices"
	"strings"
)

// Kube is a package: what its K3.yaml says, and its files.
//
// Files are sorted by path and include K3.yaml; they hold neither dotfiles nor
// releases.yaml. ReadDir and Unpack give a Kube in that form.
type Kube struct {
	Meta
	Files []File
}

// File is a regular file of a Kube. Path is relative to the Kube's folder and
// written with slashes. Exec is the owner's execute bit.
type File struct {
	Path string
	Data []byte
	Exec bool
}

// File returns the content of the file at path, and whether there is one.
func (k *Kube) File(path string) ([]byte, bool) {
	f, ok := k.find(path)
	return f.Data, ok
}

func (k *Kube) find(path string) (File, bool) {
	i, ok := slices.BinarySearchFunc(k.Files, path, func(f File, p string) int {
		return strings.Compare(f.Path, p)
	})
	if !ok {
		return File{}, false
	}
	return k.Files[i], true
}

// Manifests are the files that hold objects as they are.
func (k *Kube) Manifests() []File {
	return k.filter(func(p string) bool { return isManifest(p) && !isTemplate(p) })
}

// Templates are the files that give manifests when they are rendered.
func (k *Kube) Templates() []File {
	return k.filter(isTemplate)
}

// Tests are the files that hold the Jobs and Pods of tests.
func (k *Kube) Tests() []File {
	return k.filter(func(p string) bool { return path.Dir(p) == testsDir && path.Ext(p) == ".yaml" })
}

// Hook returns the script to be run on the user's host, if there is one.
func (k *Kube) Hook() (File, bool) {
	return k.find(HookPath)
}

// Provides are the names of the manifests and of those that templates give,
// without folder and without .tmpl: sorted, each once.
func (k *Kube) Provides() []string {
	var names []string
	for _, f := range k.filter(isManifest) {
		names = append(names, strings.TrimSuffix(path.Base(f.Path), ".tmpl"))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Readme is the text of README.md, or "".
func (k *Kube) Readme() string {
	data, _ := k.File(ReadmePath)
	return string(data)
}

func (k *Kube) filter(keep func(string) bool) []File {
	var files []File
	for _, f := range k.Files {
		if keep(f.Path) {
			files = append(files, f)
		}
	}
	return files
}

// isManifest reports whether p holds objects, as they are or as a template.
func isManifest(p string) bool {
	if path.Dir(p) != manifestsDir {
		return false
	}
	ext := path.Ext(strings.TrimSuffix(p, ".tmpl"))
	return ext == ".yaml" || ext == ".json"
}

func isTemplate(p string) bool {
	return isManifest(p) && path.Ext(p) == ".tmpl"
}

func sortFiles(files []File) {
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
}
