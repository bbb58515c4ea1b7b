package kubetest_test

import (
	"fmt"
	"testing"

	"github.com/kpm-sh/kpm/indexer/kubetest"
)

// TestShards: each name is in one part, the same one whatever other names there are.
func TestShards(t *testing.T) {
	in := map[int]int{}
	for i := range 3000 {
		name, found := fmt.Sprintf("kube-%d", i), 0
		for part := range 3 {
			if (kubetest.Shard{Index: part, Of: 3}).Has(name) {
				found++
				in[part]++
			}
		}
		if found != 1 || !(kubetest.Shard{}).Has(name) {
			t.Fatalf("%s is in %d parts", name, found)
		}
	}
	for part, n := range in {
		if n < 900 || n > 1100 {
			t.Errorf("part %d has %d of 3000", part, n)
		}
	}
	// sha256("etcd") mod 7, reckoned with Python's integers.
	if got := kubetest.PartOf("etcd", 7); got != 1 {
		t.Errorf("etcd is in part %d of 7, want %d", got, 1)
	}
	for _, text := range []string{"", "1", "1/1", "-1/2", "a/2", "0/0", "2/2"} {
		if err := new(kubetest.Shard).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is read", text)
		}
	}
	var s kubetest.Shard
	if err := s.UnmarshalText([]byte("1/4")); err != nil || s.String() != "1/4" {
		t.Errorf("1/4: %v %v", s, err)
	}
}
