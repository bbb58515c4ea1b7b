package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
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
	kubectl  string
	genpkgs  string
	sections []section
}

// row is one line of the table.
type row struct{ What, Ours, Peer, Ratio, Goal string }

// begin begins a section; rows are added to the last one.
func (b *bench) begin(title, about string) {
	b.sections = append(b.sections, section{title: title, about: about})
}

func (b *bench) add(r row) { b.sections[len(b.sections)-1].add(r) }

func (s *section) add(r row) {
	log.Printf("%-60s %s | %s | %s", r.What, r.Ours, r.Peer, r.Ratio)
	s.rows = append(s.rows, r)
}

// usage is what one process used.
type usage struct {
	cpu, wall time.Duration
	peak      int64 // bytes
}

// command is one process to be measured: what runs, in what environment, and
// what comes before each run, unmeasured.
type command struct {
	args   []string
	env    []string
	before func() error
	finds  bool // it may end with 1, which says that it found something
}

// measure is a race of one.
func measure(ctx context.Context, n int, c command) (usage, error) {
	all, err := race(ctx, n, c)
	if err != nil {
		return usage{}, err
	}
	return all[0], nil
}

// race runs commands in turn, so that what else the machine does hits all of them,
// n rounds after one that does not count. It gives the medians of the times of
// each, and the highest peak.
func race(ctx context.Context, n int, commands ...command) ([]usage, error) {
	runs := make([][]usage, len(commands))
	for i := range n + 1 {
		for j := range commands {
			if i%2 == 1 {
				j = len(commands) - 1 - j // nobody always comes first
			}
			c := commands[j]
			if c.before != nil {
				if err := c.before(); err != nil {
					return nil, err
				}
			}
			u, err := once(ctx, c)
			if err != nil {
				return nil, err
			}
			if i > 0 || n == 0 {
				runs[j] = append(runs[j], u)
			}
		}
	}
	all := make([]usage, len(commands))
	for j := range commands {
		all[j] = medians(runs[j])
	}
	return all, nil
}

func medians(runs []usage) usage {
	var cpu, wall []time.Duration
	var peak int64
	for _, u := range runs {
		cpu, wall, peak = append(cpu, u.cpu), append(wall, u.wall), max(peak, u.peak)
	}
	return usage{median(cpu), median(wall), peak}
}

func median[T cmp.Ordered](xs []T) T {
	var none T
	if len(xs) == 0 {
		return none
	}
	return slices.Sorted(slices.Values(xs))[len(xs)/2]
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
	err = cmd.Run()
	if found := new(exec.ExitError); c.finds && errors.As(err, &found) && found.ExitCode() == 1 {
		err = nil
	}
	if err != nil {
		return usage{}, fmt.Errorf("%s: %w\n%s", strings.Join(c.args, " "), err, tail(out.String()))
	}
	var u usage
	_, err = fmt.Sscan(result.String(), (*int64)(&u.cpu), (*int64)(&u.wall), &u.peak)
	return u, err
}

// probeWord makes this program run one command and print what it used.
const probeWord = "probe"

// probe prints the CPU time and the wall time in nanoseconds and the peak memory
// in bytes, and gives the exit code of the command.
func probe(args []string) (int, error) {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	began := time.Now()
	err := cmd.Run()
	wall := time.Since(began)
	if ended := new(exec.ExitError); err != nil && !errors.As(err, &ended) {
		return 0, err
	}
	s := cmd.ProcessState
	_, err = fmt.Println(int64(s.UserTime()+s.SystemTime()), int64(wall), maxRSS(s))
	return s.ExitCode(), err
}

func tail(s string) string {
	return s[max(0, len(s)-2000):]
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f s", d.Seconds()) }

func ratio(a, b time.Duration) string { return fmt.Sprintf("%.4f", a.Seconds()/b.Seconds()) }
