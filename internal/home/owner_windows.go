package home

import "io/fs"

// checkOwner accepts any file: a folder in a user's profile is that user's.
func checkOwner(fs.FileInfo) error { return nil }
