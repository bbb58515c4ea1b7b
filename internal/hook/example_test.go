package hook_test

import (
	"context"
	"fmt"
	"os"

	"github.com/kpm-sh/kpm/internal/hook"
	"github.com/kpm-sh/kpm/internal/kube"
)

// A program that runs hooks lets Main have a look at its arguments first.
func ExampleRun() {
	if code, ok := hook.Main(os.Args); ok {
		os.Exit(code)
	}
	self, err := os.Executable()
	if err != nil {
		fmt.Println(err)
		return
	}
	k, problems := kube.ReadDir(os.DirFS("packages/ponycorn"), "ponycorn")
	if err := problems.Err(); err != nil {
		fmt.Println(err)
		return
	}
	left, err := hook.Run(context.Background(), hook.Call{
		Kube: k, Action: hook.Install, Namespace: "meadow",
		Python: "python3", Self: self, Dir: "/home/ann/.kpm/.hooks", Out: os.Stderr,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s: %d files, values %s", left.Level, len(left.Files), left.Values)
}
