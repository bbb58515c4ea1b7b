package gzipped_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/kpm-sh/kpm/internal/gzipped"
)

func TestUnpack(t *testing.T) {
	text := bytes.Repeat([]byte("kpm "), 1000)
	data, err := gzipped.Pack(text)
	if err != nil {
		t.Fatal(err)
	}
	got, err := gzipped.Unpack(data, 4000)
	if err != nil || !bytes.Equal(got, text) {
		t.Fatalf("got %d bytes, %v", len(got), err)
	}
	for name, bad := range map[string][]byte{
		"cut": data[:len(data)-1], "a second member": slices.Concat(data, data), "bytes after it": append(slices.Clone(data), 0), "no gzip": text, "empty": nil,
		"a size that it has not": slices.Concat(data[:len(data)-4], []byte{0xff, 0xff, 0xff, 0xff}),
	} {
		if _, err := gzipped.Unpack(bad, 4000); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := gzipped.Unpack(data, 3999); err == nil {
		t.Error("more than the limit: no error")
	}
}
