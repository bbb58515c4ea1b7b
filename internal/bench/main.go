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
	flag.StringVar(&o.only, "only", "", "measure one `PART`: index, site, check, signing, mirror or cluster")
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
	if o.only == "" || o.only == "check" {
		if err := b.checks(ctx); err != nil {
			return err
		}
		if err := o.keep(b); err != nil {
			return err
		}
	}
	if o.only != "cluster" && o.only != "signing" && o.only != "check" {
		if err := b.files(ctx, o); err != nil {
			return err
		}
	}
	if o.only == "" || o.only == "signing" {
		if err := b.signing(ctx); err != nil {
			return err
		}
		if err := o.keep(b); err != nil { // the cluster takes long, and may fail
			return err
		}
	}
	if o.only == "" || o.only == "cluster" {
		if err := b.cluster(ctx, o.quick); err != nil {
			return err
		}
	}
	if len(b.sections) > 0 {
		fmt.Print(document("", b.sections))
	}
	return o.keep(b)
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

// files measures all that needs no cluster.
func (b *bench) files(ctx context.Context, o options) error {
	sources := filepath.Join(os.Getenv("KPM_SHARED"), "bench")
	if _, err := os.Stat(sources); err != nil {
		fmt.Println("bench: index, site and mirror skipped: KPM_SHARED names no folder with bench, the generator of catalogs")
		return nil
	}
	if err := b.generator(ctx, sources); err != nil {
		return err
	}
	for _, p := range []struct {
		name    string
		measure func(context.Context) error
	}{
		{"index", func(ctx context.Context) error { return b.index(ctx, o.quick) }},
		{"site", b.webSite},
		{"mirror", b.mirror},
	} {
		if o.only == "" || o.only == p.name {
			if err := p.measure(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// webSite measures the web site, and its search.
func (b *bench) webSite(ctx context.Context) error {
	b.begin(siteTitle, "Times of publishing are CPU. Times in the browser are those of one Chromium, from pages over http on the same machine, without gzip.")
	if err := b.site(ctx); err != nil {
		return err
	}
	return b.browser(ctx)
}

// index measures the index and the commands that read it.
func (b *bench) index(ctx context.Context, quick bool) error {
	if err := b.install(ctx); err != nil {
		return err
	}
	b.begin(indexTitle, fmt.Sprintf("Times are CPU; the peer is Helm %s. Helm reads 5 versions of each chart,\nas repositories have them; "+
		"kpm's documents hold the versions, its catalog one record a Kube.", helmVersion))
	sizes := []int{1000, 10000, 50000}
	if quick {
		sizes = sizes[:2]
	}
	if err := b.client(ctx, sizes); err != nil {
		return err
	}
	return b.indexer(ctx)
}
