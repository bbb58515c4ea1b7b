package repos_test

import (
	"fmt"

	"github.com/kpm-sh/kpm/client/repos"
)

func ExampleParseRef() {
	for _, text := range []string{"etcd@1.0.0", "main/etcd", "./etcd", "etcd@latest"} {
		ref, err := repos.ParseRef(text)
		fmt.Printf("%q %q %q %v\n", ref.Name, ref.Version, ref.Path, err)
	}
	// Output:
	// "etcd" "1.0.0" "" <nil>
	// "etcd" "" "" <nil>
	// "" "" "./etcd" <nil>
	// "" "" "" "etcd@latest": version "latest": write MAJOR.MINOR.PATCH, as semver.org has it
}
