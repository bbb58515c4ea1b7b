// Command bench measures kpm and kpm-indexer beside Helm and kubectl with the
// same input, in one run, and prints tables. Figures are medians of the times of
// whole processes; what counts are the ratios, as both sides run on the same
// machine in the same minutes.
//
// The input lies in the folder that KPM_SHARED names: a generator of catalogs, and
// packages that other people wrote. Without it there is nothing to measure and
// bench says so. Peers are built by version into the user's cache folder. What
// needs a cluster runs beside the control plane of internal/e2e, in an empty
// network namespace.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) > 2 && os.Args[1] == probeWord {
		code, err := probe(os.Args[2:])
		if err != nil {
			log.Fatal(err)
		}
		os.Exit(code)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if len(os.Args) > 2 && os.Args[1] == insideWord {
		if err := inside(ctx, os.Args[2]); err != nil {
			log.Fatal("bench: ", err)
		}
		return
	}
	var o options
	flag.StringVar(&o.write, "write", "", "also write the tables to `FILE`; what was not measured stays in it")
	flag.IntVar(&o.runs, "runs", 7, "runs of each fast command")
	flag.BoolVar(&o.quick, "quick", false, "leave out the largest catalog, and most of the installations")
	flag.StringVar(&o.only, "only", "", "measure one `PART`: check, index, site, mirror, signing or cluster")
	flag.Parse()
	if err := o.run(ctx); err != nil {
		log.Fatal("bench: ", err)
	}
}

type options struct {
	write string
	runs  int
	quick bool
	only  string
}

func (o options) run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "kpm-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	b := &bench{dir: dir, runs: o.runs, kpm: abs("bin/kpm"), indexerB: abs("bin/kpm-indexer")}
	parts := o.parts(b)
	if o.only != "" && !slices.ContainsFunc(parts, func(p part) bool { return p.name == o.only }) {
		return fmt.Errorf("there is no part %q", o.only)
	}
	for _, p := range parts {
		if o.only != "" && o.only != p.name {
			continue
		}
		if err := p.measure(ctx); err != nil {
			return err
		}
		if err := o.keep(b); err != nil { // what comes next takes long, and may fail
			return err
		}
	}
	if len(b.sections) > 0 {
		fmt.Print(document("", b.sections))
	}
	return nil
}

// part is what -only chooses.
type part struct {
	name    string
	measure func(context.Context) error
}

// parts are all there are, in order.
func (o options) parts(b *bench) []part {
	return []part{
		{"check", checkPart{b}.measure},
		{"index", b.withCatalogs("index", indexPart{b, o.quick}.measure)},
		{"site", b.withCatalogs("site", sitePart{b}.measure)},
		{"mirror", b.withCatalogs("mirror", mirrorPart{b}.measure)},
		{"signing", signingPart{b}.measure},
		{"cluster", clusterPart{b, o.quick}.measure},
	}
}

// keep writes what was measured so far.
func (o options) keep(b *bench) error {
	if o.write == "" || len(b.sections) == 0 {
		return nil
	}
	old, err := os.ReadFile(o.write)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	return os.WriteFile(o.write, []byte(document(string(old), b.sections)), 0o644)
}

// withCatalogs is a part that wants the generator of catalogs, which is built for the first.
func (b *bench) withCatalogs(name string, measure func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		sources := filepath.Join(os.Getenv("KPM_SHARED"), "bench")
		if _, err := os.Stat(sources); err != nil {
			fmt.Printf("bench: %s skipped: KPM_SHARED names no folder with bench, the generator of catalogs\n", name)
			return nil
		}
		if b.genpkgs == "" {
			if err := b.buildGenerator(ctx, sources); err != nil {
				return err
			}
		}
		return measure(ctx)
	}
}

// indexPart measures the index and the commands that read it.
type indexPart struct {
	*bench
	quick bool // without the largest catalog
}

func (b indexPart) measure(ctx context.Context) error {
	if err := b.installHelm(ctx); err != nil {
		return err
	}
	b.begin(indexTitle, fmt.Sprintf("Times are CPU; the peer is Helm %s. Helm reads 5 versions of each chart,\nas repositories have them; "+
		"kpm's documents hold the versions, its catalog one record a Kube.", helmVersion))
	sizes := []int{1000, 10000, 50000}
	if b.quick {
		sizes = sizes[:2]
	}
	if err := (clientPart{b.bench}).measure(ctx, sizes); err != nil {
		return err
	}
	return indexerPart{b.bench}.measure(ctx)
}
