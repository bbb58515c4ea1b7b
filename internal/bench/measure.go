package main

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// bench is one run: where its files are, and the rows measured so far.
type bench struct {
	dir      string
	runs     int
	kpm      string
	indexerB string
	helm     string
	genpkgs  string
	rows     []row
}

// row is one line of the table.
type row struct{ what, ours, peer, ratio, goal string }

func (b *bench) add(r row) {
	log.Printf("%-60s %s | %s | %s", r.what, r.ours, r.peer, r.ratio)
	b.rows = append(b.rows, r)
}

// usage is what one process used.
type usage struct {
	cpu  time.Duration
	peak int64 // bytes
}

// command is one process to be measured: what runs, in what environment, and
// what comes before each run, unmeasured.
type command struct {
	args   []string
	env    []string
	before func() error
}

// measure runs a command n times after one run that does not count, and gives
// the median of CPU time and the highest peak.
func measure(ctx context.Context, n int, c command) (usage, error) {
	var cpu []time.Duration
	var peak int64
	for i := range n + 1 {
		if c.before != nil {
			if err := c.before(); err != nil {
				return usage{}, err
			}
		}
		u, err := once(ctx, c)
		if err != nil {
			return usage{}, err
		}
		if i > 0 || n == 0 {
			cpu = append(cpu, u.cpu)
		}
		peak = max(peak, u.peak)
	}
	slices.Sort(cpu)
	return usage{cpu[len(cpu)/2], peak}, nil
}

// once runs a command through a second process of this program, since Linux
// counts what the parent of a process used to the peak of the process itself.
func once(ctx context.Context, c command) (usage, error) {
	self, err := os.Executable()
	if err != nil {
		return usage{}, err
	}
	cmd := exec.CommandContext(ctx, self, append([]string{probeWord}, c.args...)...)
	cmd.Env = append(os.Environ(), c.env...)
	var out, result bytes.Buffer
	cmd.Stdout, cmd.Stderr = &result, &out
	if err := cmd.Run(); err != nil {
		return usage{}, fmt.Errorf("%s: %w\n%s", strings.Join(c.args, " "), err, tail(out.String()))
	}
	var u usage
	_, err = fmt.Sscan(result.String(), (*int64)(&u.cpu), &u.peak)
	return u, err
}

// probeWord makes this program run one command and print what it used.
const probeWord = "probe"

// probe prints the CPU time in nanoseconds and the peak memory in bytes.
func probe(args []string) error {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return err
	}
	s := cmd.ProcessState
	_, err := fmt.Println(int64(s.UserTime()+s.SystemTime()), maxRSS(s))
	return err
}

func tail(s string) string {
	return s[max(0, len(s)-2000):]
}

// install finds or makes every program that is measured.
func (b *bench) install(ctx context.Context, generator string) error {
	cache, err := os.UserCacheDir()
	if err != nil {
		return err
	}
	bin := filepath.Join(cache, "kpm-bench")
	b.kpm, b.indexerB = abs("bin/kpm"), abs("bin/kpm-indexer")
	b.helm, b.genpkgs = filepath.Join(bin, "helm"), filepath.Join(b.dir, "genpkgs")
	if _, err := os.Stat(b.helm); err != nil {
		log.Printf("installing helm %s", helmVersion)
		c := exec.CommandContext(ctx, "go", "install", "helm.sh/helm/v4/cmd/helm@"+helmVersion)
		c.Env = append(os.Environ(), "GOBIN="+bin, "CGO_ENABLED=0")
		if out, err := c.CombinedOutput(); err != nil {
			return fmt.Errorf("installing helm: %w\n%s", err, tail(string(out)))
		}
	}
	c := exec.CommandContext(ctx, "go", "build", "-o", b.genpkgs, ".")
	c.Dir = generator
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("building the generator: %w\n%s", err, tail(string(out)))
	}
	return nil
}

// helmVersion is the peer.
const helmVersion = "v4.3.1"

func abs(path string) string {
	a, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	return a
}

func (b *bench) table() string {
	var s strings.Builder
	fmt.Fprintf(&s, "# Benchmarks\n\nWritten by `make bench` on %s, %s/%s, %d cores, %s, Helm %s. CPU seconds (user and system) of whole processes, medians;\nthe ratio is what counts. Helm reads 5 versions of each chart, as repositories have them; kpm's documents hold the versions, its catalog one record a Kube.\n\n",
		time.Now().UTC().Format(time.DateOnly), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), helmVersion)
	fmt.Fprintf(&s, "| what | kpm | peer | ratio | goal |\n|---|---|---|---|---|\n")
	for _, r := range b.rows {
		fmt.Fprintf(&s, "| %s | %s | %s | %s | %s |\n", r.what, r.ours, r.peer, r.ratio, r.goal)
	}
	return s.String()
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f s", d.Seconds()) }

func ratio(a, b time.Duration) string { return fmt.Sprintf("%.4f", a.Seconds()/b.Seconds()) }
