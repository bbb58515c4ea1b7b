package kube

import (
	"fmt"
)

// budget is what a Kube may hold, while its files come in one by one.
type budget struct {
	seen  paths
	files int
	total int64
}

// count counts a file of a Kube in, or says in words that follow its name why
// there may be no such file.
func (b *budget) count(p string, size int64) error {
	if err := checkPath(p); err != nil {
		return err
	}
	if err := packed(p); err != nil {
		return err
	}
	if err := b.seen.add(p); err != nil {
		return err
	}
	if limit := maxSize(p); size > limit {
		return fmt.Errorf("is %d bytes, more than %d", size, limit)
	}
	if b.files++; b.files > MaxFiles {
		return fmt.Errorf("is one more than the %d files of a Kube", MaxFiles)
	}
	if b.total += size; b.total > MaxTotal {
		return fmt.Errorf("makes it more than %d bytes", MaxTotal)
	}
	return nil
}
