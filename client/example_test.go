package client_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/home"
)

func ExampleClient_Preview() {
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
	at := home.Home{Dir: filepath.Join(dir, "home")}
	c := &client.Client{Home: at, Now: time.Now, Repos: &repos.Set{Options: repos.Options{Home: at, Now: time.Now}}}
	fetched, err := c.Preview(ctx, repos.Ref{Path: mine}, client.Values{}, false, "default")
	if err != nil {
		fmt.Println(err)
		return
	}
	prepared, err := fetched.Prepare()
	if err != nil {
		fmt.Println(err)
		return
	}
	rendered, err := prepared.Rendered(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	objects, err := rendered.Objects()
	fmt.Println(len(objects), err)
	for _, o := range objects {
		fmt.Println(o)
	}
	// Output:
	// 3 <nil>
	// ConfigMap mine
	// Deployment mine
	// Service mine
}
