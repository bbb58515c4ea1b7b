package hook

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
)

// DigestOf is the digest of the hook of k: of every file that it finds in its
// copy, as each may decide what it does. It is the sha256 of what `sha256sum`
// prints for these files, with their paths in the order of their bytes.
func DigestOf(k *kube.Kube) index.Digest {
	files := slices.SortedFunc(slices.Values(k.Files), func(a, b kube.File) int { return strings.Compare(a.Path, b.Path) })
	all := sha256.New()
	for _, f := range files {
		_, _ = fmt.Fprintf(all, "%s  %s\n", index.DigestOf(f.Data), f.Path) // a hash takes everything
	}
	return index.Digest(hex.EncodeToString(all.Sum(nil)))
}
