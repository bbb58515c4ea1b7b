package layout

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
)

// digestOf hashes all that r gives.
func digestOf(r io.Reader) (digest string, size int64, err error) {
	sum := sha256.New()
	size, err = io.Copy(sum, r)
	return "sha256:" + hex.EncodeToString(sum.Sum(nil)), size, err
}
