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
	at := home.Home{Dir: filepath.Join(dir, "home")}
	c := &client.Client{Home: at, Now: time.Now, Repos: &repos.Set{Options: repos.Options{Home: at, Now: time.Now}}}
	taken, err := c.Take(ctx, repos.Ref{Path: mine}, false)
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
