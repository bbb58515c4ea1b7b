package client_test

import (
	"fmt"

	"github.com/kpm-sh/kpm/client"
)

func ExampleParseRef() {
	for _, text := range []string{"etcd@1.0.0", "main/etcd", "./etcd", "etcd@latest"} {
		ref, err := client.ParseRef(text)
		fmt.Printf("%q %q %q %v\n", ref.Name, ref.Version, ref.Path, err)
	}
	// Output:
	// "etcd" "1.0.0" "" <nil>
	// "etcd" "" "" <nil>
	// "" "" "./etcd" <nil>
	// "" "" "" "etcd@latest": version "latest": write MAJOR.MINOR.PATCH, as semver.org has it
}

func ExampleParseGrace() {
	grace, err := client.ParseGrace("90d")
	fmt.Println(grace, err)
	_, err = client.ParseGrace("2 weeks")
	fmt.Println(err)
	// Output:
	// 2160h0m0s <nil>
	// grace "2 weeks": write a number of days, as in 90d
}
