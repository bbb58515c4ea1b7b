package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/kpm-sh/kpm/indexer/kubetest"
	"github.com/kpm-sh/kpm/internal/inputfile"
)

// find gives the kpm to drive.
func (f runFlags) find() (string, error) {
	if f.Kpm == "" {
		self, err := os.Executable()
		if err != nil {
			return "", err
		}
		f.Kpm = filepath.Join(filepath.Dir(self), "kpm")
		if runtime.GOOS == "windows" {
			f.Kpm += ".exe"
		}
	}
	if _, err := os.Stat(f.Kpm); err != nil {
		return "", fmt.Errorf("looking for kpm, which is driven: %w; name it with --kpm", err)
	}
	return filepath.Abs(f.Kpm)
}

// Files of one run, in its folder. A run in a cluster of its own is another process,
// which the network of this one does not reach.
const (
	subjectsName = "subjects.json"
	resultsName  = "results.json"
)

// run proves the subjects in the cluster that is meant.
func (t testCmd) run(ctx context.Context, std stdio, dir string, subjects []kubetest.Subject, done func(kubetest.Result)) ([]kubetest.Result, error) {
	if !t.OnlyUntested {
		t.Server = "" // which nobody asked about
	}
	if t.Cluster == "" {
		kubeconfig := std.getenv("KUBECONFIG")
		if kubeconfig == "" {
			return nil, usage("no cluster is named: set KUBECONFIG, which `kind create cluster --kubeconfig FILE` writes, or give --cluster a built kpm-cluster")
		}
		return t.prove(ctx, std, dir, kubeconfig, t.Server, subjects, done)
	}
	data, err := json.Marshal(subjects)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, subjectsName), data, 0o600); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, t.Cluster, "run", "--", self, "__test", dir,
		"--kpm", t.Kpm, "--timeout", t.Timeout.String(), "--parallel", fmt.Sprint(t.Parallel), "--server", t.Server)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = time.Minute
	cmd.Stderr = std.err
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the cluster: %w", err)
	}
	reading := follow(out, done)
	if err := cmd.Wait(); err != nil {
		return nil, errors.Join(ctx.Err(), fmt.Errorf("testing in a cluster of %s: %w", t.Cluster, err))
	}
	if reading != nil {
		return nil, reading
	}
	data, err = inputfile.Read(filepath.Join(dir, resultsName), maxResults)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s tested nothing: it is no kpm-cluster", t.Cluster)
	}
	if err != nil {
		return nil, err
	}
	var results []kubetest.Result
	return results, json.Unmarshal(data, &results)
}

// maxResults is more than the results of ten thousand Kubes have, in bytes.
const maxResults = 1 << 30

// follow tells of the results that another process prints as they come.
func follow(out io.Reader, done func(kubetest.Result)) error {
	d := json.NewDecoder(out)
	for {
		var r kubetest.Result
		switch err := d.Decode(&r); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			_, _ = io.Copy(io.Discard, out) //nolint:errcheck // the first fault counts
			return fmt.Errorf("reading what was tested: %w", err)
		}
		done(r)
	}
}

// prove proves the subjects in the cluster of a kubeconfig, which is to be of the minor
// version server, "" for any.
func (f runFlags) prove(ctx context.Context, std stdio, dir, kubeconfig, server string, subjects []kubetest.Subject, done func(kubetest.Result)) ([]kubetest.Result, error) {
	return kubetest.Run(ctx, kubetest.Options{
		Server: server, Program: f.program(kubeconfig), Dir: dir, Limit: f.Timeout, Parallel: f.Parallel, Now: time.Now, Done: done,
		Say: func(text string) { std.say("%s", text) },
	}, subjects)
}

// stopping is how long kpm may take to end once it is told to.
const stopping = 15 * time.Second

// program runs kpm with the environment of this process, but for kpm's own settings.
func (f runFlags) program(kubeconfig string) kubetest.Program {
	var env []string
	for _, e := range os.Environ() {
		if !strings.HasPrefix(strings.ToUpper(e), "KPM_") {
			env = append(env, e)
		}
	}
	return func(ctx context.Context, home string, c kubetest.Command) (kubetest.Ran, error) {
		var out, said bytes.Buffer
		cmd := exec.CommandContext(ctx, f.Kpm, arguments(c)...)
		cmd.Env = append(env, "KPM_HOME="+home, "KUBECONFIG="+kubeconfig)
		cmd.Stdout, cmd.Stderr = &out, &said
		cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
		cmd.WaitDelay = stopping
		err := cmd.Run()
		var exit *exec.ExitError
		if errors.As(err, &exit) && exit.ExitCode() >= 0 {
			err = nil
		}
		return kubetest.Ran{Out: out.Bytes(), Said: said.Bytes(), Code: cmd.ProcessState.ExitCode()}, err
	}
}

// arguments spell a command as a user would.
func arguments(c kubetest.Command) []string {
	args := []string{c.Verb}
	if c.Namespace != "" {
		args = append(args, "--namespace", c.Namespace)
	}
	for _, flag := range c.Flags {
		args = append(args, "--"+flag)
	}
	if c.Operand != "" {
		args = append(args, "--", c.Operand)
	}
	return args
}

// insideCmd is the part of a test that runs in a cluster of its own.
type insideCmd struct {
	Dir    string `arg:""`
	Server string
	runFlags
}

// Run proves what the folder says, prints results as they come and leaves all there.
func (c insideCmd) Run(ctx context.Context, std stdio) error {
	data, err := inputfile.Read(filepath.Join(c.Dir, subjectsName), maxResults)
	if err != nil {
		return err
	}
	var subjects []kubetest.Subject
	if err := json.Unmarshal(data, &subjects); err != nil {
		return err
	}
	each := json.NewEncoder(std.out)
	results, err := c.prove(ctx, std, c.Dir, std.getenv("KPM_E2E_KUBECONFIG"), c.Server, subjects, func(r kubetest.Result) {
		_ = each.Encode(r) //nolint:errcheck // the file has them all
	})
	if err != nil {
		return err
	}
	if data, err = json.Marshal(results); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(c.Dir, resultsName), data, 0o600)
}
