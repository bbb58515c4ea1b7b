package client_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/internal/home"
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

func ExampleClient_Render() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir) //nolint:errcheck // an example
	mine, err := client.Create(dir, "mine")
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	c := &client.Client{Home: home.Home{Dir: filepath.Join(dir, "home")}, Now: time.Now}
	taken, err := c.Take(ctx, client.Ref{Path: mine}, false)
	if err != nil {
		fmt.Println(err)
		return
	}
	rendered, err := c.Render(ctx, taken, client.Values{})
	if err != nil {
		fmt.Println(err)
		return
	}
	objects, err := rendered.Objects()
	fmt.Println(taken.Verified(), len(objects), err)
	for _, o := range objects {
		fmt.Println(o)
	}
	// Output:
	// false 3 <nil>
	// ConfigMap mine
	// Deployment mine
	// Service mine
}
