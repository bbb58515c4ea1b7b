package api_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/kpm-sh/kpm/internal/cluster/api"
)

func ExampleConnect() {
	_, err := api.Connect(context.Background(), api.Options{Kubeconfig: []string{"/nowhere/config"}})
	fmt.Println(errors.Is(err, api.ErrNoKubeconfig), err)
	// Output: true no cluster in the kubeconfig, looked in /nowhere/config
}
