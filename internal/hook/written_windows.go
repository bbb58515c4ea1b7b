package hook

import (
	"io/fs"
	"os"
)

const openFlags = os.O_RDONLY

// links is always 1: Go does not say how many names a file has.
func links(fs.FileInfo) uint64 { return 1 }
