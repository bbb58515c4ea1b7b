package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// setup is what the part inside the network namespace is told. It finds all
// programs built, as it cannot fetch anything.
type setup struct {
	Dir           string // for its files
	Kpm           string
	Helm, Kubectl string
	Corpus        string // packages that other people wrote
	Runs          int
	Installations int // that are listed
}

const clusterAbout = `Times are wall and CPU of the client; those of the server
are not counted. The peers are Helm %s and kubectl %s. The control plane is that of ` + "`make cluster`" + `, in an
empty network namespace, with nodes that pretend. Contenders take turns, %d runs each after one that does not count. Where objects are made, each run
begins without anything that the run before has made, but with its namespace. All take the objects from a folder on disk: a Kube, its manifests, or
a chart with the same manifests as templates. kpm runs with its dry run, its record and its lock, and upgrade waits, as it does by default.`

// clusterPart measures what needs a cluster.
type clusterPart struct {
	*bench
	quick bool // with fewer installations
}

func (b clusterPart) measure(ctx context.Context) error {
	corpus := abs(filepath.Join(os.Getenv("KPM_SHARED"), "corpus", "modern", "packages"))
	if _, err := os.Stat(corpus); err != nil {
		fmt.Println("bench: cluster skipped: KPM_SHARED names no folder with corpus/modern, packages that other people wrote")
		return nil
	}
	plane, err := controlPlane(ctx)
	if err != nil {
		fmt.Printf("bench: cluster skipped: there is no control plane: %v\n", err)
		return nil
	}
	if err := b.installHelm(ctx); err != nil {
		return err
	}
	if err := b.installKubectl(ctx); err != nil {
		return err
	}
	s := setup{
		Dir: b.dir, Kpm: b.kpm, Helm: b.helm, Kubectl: b.kubectl, Corpus: corpus, Runs: b.runs, Installations: 1000,
	}
	if b.quick {
		s.Installations = 50
	}
	b.begin(clusterTitle, fmt.Sprintf(clusterAbout, helmVersion, kubectlVersion, b.runs))
	return b.enter(ctx, plane, s)
}

// controlPlane is the program that runs a command beside a control plane.
func controlPlane(ctx context.Context) (string, error) {
	c := exec.CommandContext(ctx, "go", "run", "./build")
	c.Dir, c.Stderr = e2eModule, os.Stderr
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := c.Output()
	return string(bytes.TrimSpace(out)), err
}

// insideWord makes this program measure, beside a control plane.
const insideWord = "inside"

// enter runs this program beside a control plane, and takes the rows that it
// measures.
func (b clusterPart) enter(ctx context.Context, plane string, s setup) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	told, err := json.Marshal(s)
	if err != nil {
		return err
	}
	c := exec.CommandContext(ctx, plane, "run", "--", self, insideWord, string(told))
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		return fmt.Errorf("beside the control plane: %w", err)
	}
	return json.Unmarshal(out, &b.sections[len(b.sections)-1].rows)
}
