package indexer

import "io/fs"

// listing keeps how its folders were listed, as each is asked for several times. It is
// for one goroutine.
type listing struct {
	fs.FS

	known map[string][]fs.DirEntry
}

// Stat asks for what a folder can tell without opening a file.
func (l listing) Stat(name string) (fs.FileInfo, error) { return fs.Stat(l.FS, name) }

func (l listing) ReadDir(name string) ([]fs.DirEntry, error) {
	if entries, ok := l.known[name]; ok {
		return entries, nil
	}
	entries, err := fs.ReadDir(l.FS, name)
	if err == nil {
		l.known[name] = entries
	}
	return entries, err
}
