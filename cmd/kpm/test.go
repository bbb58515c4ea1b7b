package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/words"
)

type testCmd struct {
	Kube string `arg:"" help:"NAME of what is installed; ./DIR or FILE.tgz if it is from there."`
	imageFlags
	clusterFlags
	Timeout time.Duration `type:"span" variable:"KPM_TIMEOUT" default:"5m" help:"All tests may take this long (KPM_TIMEOUT)."`
	Keep    bool          `help:"Leave the Jobs and Pods of the tests where they are."`
	Output  string        `short:"o" enum:"text,json" default:"text" help:"text or json."`
}

// Run runs the tests of what is installed. It ends with 1 when one fails, and
// with 7 when one does not end in time.
func (t testCmd) Run(ctx context.Context, c *client.Client, std *stdio) error {
	ref, err := repos.ParseRef(t.Kube)
	if err != nil {
		return err
	}
	if ref.Version != "" || ref.Repository != "" {
		return usage("%s: what is tested is what is installed; name it %s", ref, ref.Name)
	}
	k, err := t.connect(ctx, std)
	if err != nil {
		return err
	}
	t.tell(c)
	tests, err := c.Test(ctx, k, k.Namespace, ref, thisProcess(ctx, k))
	if err != nil {
		return err
	}
	if len(tests.Tests) == 0 {
		std.step("%s has no tests", tests.ID.Name)
	} else {
		std.step("Running %s of %s in namespace %s of cluster %s", words.Count(len(tests.Tests), "test"), tests.ID.Name, tests.ID.Namespace, k.Host)
	}
	results, err := tests.Run(ctx, client.Wait{Timeout: t.Timeout, Waiting: std.waiting()}, t.Keep)
	std.clear()
	if printing := t.print(std, results); err == nil {
		err = printing
	}
	return err
}

func (t testCmd) print(std *stdio, results []client.Tested) error {
	if t.Output == "json" {
		if results == nil {
			results = []client.Tested{}
		}
		_, err := output{Output: "json"}.structured(std, results)
		return err
	}
	for _, r := range results {
		printTest(std, r)
	}
	return nil
}

// printTest prints the log of a test, each line under its name, and how it ended.
func printTest(std *stdio, r client.Tested) {
	if r.Log != "" {
		for line := range strings.SplitSeq(strings.TrimRight(r.Log, "\n"), "\n") {
			std.line("%s | %s", r.Name, strings.TrimSuffix(line, "\r"))
		}
	}
	if r.LogError != "" {
		std.step("%s: there is no log: %s", r.Name, r.LogError)
	}
	took := fmt.Sprintf("after %.1f s", r.Seconds)
	if r.Passed {
		std.step("%s passed %s", r.Name, took)
		return
	}
	std.warn(fmt.Sprintf("%s did not pass %s: %s", r.Name, took, r.Why))
}
