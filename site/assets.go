package site

import (
	"embed"
	"io/fs"
)

//go:embed assets
var assetFiles embed.FS

// printAssets hands on the files that all pages share.
func printAssets(p *printer, _ *catalog) error {
	return fs.WalkDir(assetFiles, "assets", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := assetFiles.ReadFile(path)
		if err != nil {
			return err
		}
		return p.emit(Page{Path: path, Data: data})
	})
}
