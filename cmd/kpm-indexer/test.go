package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/indexer/kubetest"
	"github.com/kpm-sh/kpm/internal/atomicfile"
	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/words"
)

// testCmd proves Kubes in a cluster.
type testCmd struct {
	Names []string `arg:"" optional:"" name:"name" help:"Kubes to test; without any, all."`
	packagesFlag
	runFlags
	Cluster      string         `placeholder:"FILE" help:"A built kpm-cluster, the control plane of kpm's own tests, to run for this; its nodes are simulated."`
	Previous     string         `placeholder:"URL|DIR" help:"Where the repository is published: upgrades begin with the release that is there."`
	Trust        string         `placeholder:"DIR" help:"Folder of trust documents, instead of those that --previous has."`
	ChangedSince string         `placeholder:"REV" help:"Only Kubes with files that are not as in this commit of git."`
	Shard        kubetest.Shard `placeholder:"I/N" help:"Only those Kubes whose name falls into part I of N (from 0)."`
	OnlyUntested bool           `help:"Only Kubes that did not pass on --server, by what --previous publishes and what is in --evidence."`
	Server       string         `placeholder:"1.N" help:"Minor version of the server that --only-untested asks about."`
	List         bool           `help:"Print which Kubes would be tested, and test none; with -o json as the matrix of a CI service."`
	Shards       int            `default:"20" help:"With --list: parts in the matrix, at most 256."`
	Output       string         `short:"o" enum:"text,json,github" default:"text" help:"text, json, or github: annotations of a pull request."`
	Evidence     string         `placeholder:"DIR" help:"Write a statement for each Kube that build can sign."`
	JUnit        string         `name:"junit" placeholder:"FILE" help:"Write the results as JUnit XML."`
	Summary      string         `placeholder:"FILE" help:"Add a table of the results to this Markdown file, as GITHUB_STEP_SUMMARY."`
	KeepGoing    bool           `help:"The exit code is 0 also when a Kube fails: what is written says which."`
}

// runFlags are what a run inside a cluster needs to know.
type runFlags struct {
	Kpm      string        `placeholder:"FILE" help:"The kpm to drive; that beside this program."`
	Timeout  time.Duration `default:"10m" help:"One Kube may take this long, in all."`
	Parallel int           `default:"4" help:"Kubes at the same time. Those that make what there is once in a cluster run alone."`
}

// Run tests Kubes. It ends with 1 when one does not pass.
func (t testCmd) Run(ctx context.Context, std stdio) error {
	if err := t.check(); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "kpm-test-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // temporary
	subjects, err := t.subjects(ctx, std, dir)
	if err != nil {
		return err
	}
	if t.List {
		return t.list(std, subjects)
	}
	if len(subjects) == 0 {
		std.say("Nothing to test")
		return t.writeReports(nil)
	}
	if t.Kpm, err = t.find(); err != nil {
		return err
	}
	if err := t.tryFiles(); err != nil {
		return err
	}
	c := collector{testCmd: t, std: std}
	results, err := t.run(ctx, std, dir, subjects, c.take)
	if err != nil {
		return errors.Join(err, c.interrupted())
	}
	return errors.Join(t.finish(std, results), errors.Join(c.faults...))
}

// collector tells of results as they come, and writes the evidence of each at once: what
// was tested is not lost when the rest is.
type collector struct {
	testCmd
	std     stdio
	results []kubetest.Result
	faults  []error // of writing
}

func (c *collector) take(r kubetest.Result) {
	c.results = append(c.results, r)
	c.tell(c.std, r)
	if err := c.writeEvidence(r); err != nil {
		c.faults = append(c.faults, fmt.Errorf("writing the evidence of %s: %w", r.Name, err))
	}
}

// interrupted writes the results that there are, of a run that did not come to its end.
func (c *collector) interrupted() error {
	if len(c.results) == 0 {
		return errors.Join(c.faults...)
	}
	judged := 0
	for _, r := range c.results {
		if r.Judged() {
			judged++
		}
	}
	c.std.say("%s tested before that", words.Count(judged, "Kube"))
	return errors.Join(c.report(c.std, c.results), errors.Join(c.faults...))
}

// minorVersion is one of Kubernetes.
var minorVersion = regexp.MustCompile(`^\d+\.\d+$`)

func (t testCmd) check() error {
	switch {
	case t.OnlyUntested && !minorVersion.MatchString(t.Server):
		return usage("--only-untested needs --server with a minor version such as 1.36")
	case t.OnlyUntested && t.Previous == "" && t.Evidence == "":
		return usage("--only-untested needs to know what is tested: --previous, --evidence or both")
	case t.Trust != "" && t.Previous == "":
		return usage("--trust is for --previous, which is not given")
	case t.Timeout < time.Second:
		return usage("--timeout %s is no time to test a Kube in", t.Timeout)
	case t.Parallel < 1:
		return usage("--parallel is how many Kubes are tested at the same time: at least 1")
	case t.Shards < 1 || t.Shards > kubetest.MaxShards:
		return usage("--shards is 1 to %d", kubetest.MaxShards)
	}
	return nil
}

// subjects packs what is to be tested into dir.
func (t testCmd) subjects(ctx context.Context, std stdio, dir string) ([]kubetest.Subject, error) {
	packages, _, err := t.open()
	if err != nil {
		return nil, err
	}
	o := kubetest.Selection{Packages: packages, Path: t.Packages, Shard: t.Shard, Server: t.Server}
	var previous *indexer.MaintainOptions
	if !t.List {
		o.Dir = filepath.Join(dir, "archives")
	}
	o.Names = t.Names
	since, err := changedSince(ctx, t.Packages, t.ChangedSince)
	if err != nil {
		return nil, err
	}
	o.Changed = since.changed
	if t.OnlyUntested {
		o.Untested = true
		if _, err := os.Stat(t.Evidence); t.Evidence != "" && err == nil {
			o.Evidence = os.DirFS(t.Evidence)
		}
	}
	if t.Previous != "" {
		now, err := std.now()
		if err != nil {
			return nil, err
		}
		previous = &indexer.MaintainOptions{Site: t.Previous, Trust: t.Trust, Now: now, Fetch: std.fetch(), Report: std.report()}
	}
	subjects, err := previous.Subjects(ctx, o)
	if errors.Is(err, indexer.ErrNoSite) && !errcode.Has(err, errcode.LostHead) {
		return nil, fmt.Errorf("%w; before the first publish there is nothing to upgrade from: leave --previous out", err)
	}
	return subjects, err
}

// list prints the names, or the matrix of them: parts that have any.
func (t testCmd) list(std stdio, subjects []kubetest.Subject) error {
	matrix := struct {
		Kubes []string `json:"kubes"`
		Shard []string `json:"shard"`
	}{[]string{}, []string{}}
	n := min(t.Shards, max(1, len(subjects)))
	parts := map[int]bool{}
	for _, s := range subjects {
		matrix.Kubes = append(matrix.Kubes, s.Name)
		parts[kubetest.PartOf(s.Name, n)] = true
	}
	for i := range n {
		if parts[i] {
			matrix.Shard = append(matrix.Shard, kubetest.Shard{Index: i, Of: n}.String())
		}
	}
	if t.Output == "json" {
		return json.NewEncoder(std.out).Encode(matrix)
	}
	for _, name := range matrix.Kubes {
		fmt.Fprintln(std.out, name)
	}
	return nil
}

// finish tells and writes what was found.
func (t testCmd) finish(std stdio, results []kubetest.Result) error {
	if err := t.report(std, results); err != nil {
		return err
	}
	var bad []string
	unproven := 0
	for _, r := range results {
		switch r.Verdict {
		case kubetest.Failed:
			bad = append(bad, r.Name)
		case kubetest.Unproven:
			unproven++
		case kubetest.Passed, kubetest.Skipped:
		}
	}
	std.say("%s tested: %d failed, %d could not be tested", words.Count(len(results), "Kube"), len(bad), unproven)
	switch {
	case unproven > 0:
		return fmt.Errorf("%s could not be tested: there is no verdict", words.Count(unproven, "Kube"))
	case len(bad) > 0 && !t.KeepGoing:
		return fmt.Errorf("did not pass: %s", few(bad))
	}
	return nil
}

// report prints the results where that is asked for, and writes the files of them all.
func (t testCmd) report(std stdio, results []kubetest.Result) error {
	if t.Output == "json" {
		if err := json.NewEncoder(std.out).Encode(results); err != nil {
			return err
		}
	}
	return t.writeReports(results)
}

func (t testCmd) writeReports(results []kubetest.Result) error {
	if t.JUnit != "" {
		text, err := kubetest.JUnit(results)
		if err != nil {
			return err
		}
		if err := os.WriteFile(t.JUnit, text, 0o644); err != nil {
			return err
		}
	}
	if t.Summary != "" {
		return appendTo(t.Summary, kubetest.Markdown(results))
	}
	return nil
}

func (t testCmd) writeEvidence(r kubetest.Result) error {
	if t.Evidence == "" || !r.Judged() {
		return nil
	}
	name, statement, err := r.Evidence()
	if err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(t.Evidence, name), statement, 0o644)
}

// tryFiles finds before the first test what could not be written after the last one, and
// leaves no empty file for one that is killed.
func (t testCmd) tryFiles() error {
	for _, path := range []string{t.JUnit, t.Summary} {
		if path == "" {
			continue
		}
		_, err := os.Stat(path)
		fresh := errors.Is(err, fs.ErrNotExist)
		if err := appendTo(path, ""); err != nil {
			return err
		}
		if fresh {
			if err := os.Remove(path); err != nil {
				return err
			}
		}
	}
	if t.Evidence == "" {
		return nil
	}
	if err := atomicfile.MakeFolder(t.Evidence); err != nil {
		return err
	}
	f, err := os.CreateTemp(t.Evidence, ".try-")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

func appendTo(path, text string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// tell prints a result as it comes.
func (t testCmd) tell(std stdio, r kubetest.Result) {
	if r.Verdict == kubetest.Failed || r.Verdict == kubetest.Unproven || len(r.Stays) > 0 {
		std.warn("%s", r.Summary())
		if s, ok := r.Failure(); ok && s.Said != "" {
			for line := range strings.Lines(s.Said) {
				fmt.Fprintf(std.err, "       %s\n", kube.Clean(strings.TrimRight(line, "\r\n"), false))
			}
		}
	} else {
		std.say("%s", r.Summary())
	}
	if t.Output == "github" && (r.Verdict != kubetest.Passed || len(r.Stays) > 0) {
		level := map[kubetest.Verdict]string{kubetest.Passed: "warning", kubetest.Failed: "error", kubetest.Unproven: "error", kubetest.Skipped: "notice"}[r.Verdict]
		fmt.Fprintf(std.out, "::%s file=%s,title=%s::%s\n", level, escaped(filepath.ToSlash(filepath.Join(t.Packages, r.Name, kube.MetaPath)), true), "kpm-indexer test", escaped(r.Summary(), false))
	}
}

// escaped is a text in a command of a GitHub workflow, which cannot end it there.
func escaped(text string, property bool) string {
	pairs := []string{"%", "%25", "\r", "%0D", "\n", "%0A"}
	if property {
		pairs = slices.Concat(pairs, []string{":", "%3A", ",", "%2C"})
	}
	return strings.NewReplacer(pairs...).Replace(kube.Clean(text, true))
}
