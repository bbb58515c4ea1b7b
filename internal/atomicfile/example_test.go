package atomicfile_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/kpm-sh/kpm/internal/atomicfile"
)

func ExampleWrite() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "CURRENT")
	for _, gen := range []string{"gen-1", "gen-2"} {
		if err := atomicfile.Write(path, []byte(gen), 0o600); err != nil {
			fmt.Println(err)
			return
		}
	}
	b, err := os.ReadFile(path)
	fmt.Println(string(b), err)
	// Output: gen-2 <nil>
}
