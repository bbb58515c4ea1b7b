package indexer_test

import (
	"os"
	"path/filepath"
	"testing"
)

// What a publisher that was killed has left beside a file is gone after the next
// publish, wherever in the site it lay.
func TestKilledPublisherLeavesNothing(t *testing.T) {
	k := newKit(t)
	k.kube("pony", "1.0.0")
	k.first()
	left := []string{"site/.kpm-tmp-1", "site/v1/.kpm-tmp-2", "site/objects/.kpm-tmp-3", "site/trust/.kpm-tmp-4"}
	for _, path := range left {
		k.write(path, "half")
	}
	k.publish()
	for _, path := range left {
		if _, err := os.Lstat(filepath.Join(k.dir, path)); err == nil {
			t.Errorf("%s is still there", path)
		}
	}
}
