// Command bench measures kpm and kpm-indexer beside Helm on the same data, in
// one run, and prints a table. Figures are CPU seconds (user and system) of
// whole processes, medians; what counts are the ratios, as both sides run on
// the same machine in the same minutes.
//
// The data comes from a generator that lies beside the checkout, in
// ../shared/bench; without it there is nothing to measure and bench says so.
// Helm is installed by version into the user's cache folder.
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
		if err := probe(os.Args[2:]); err != nil {
			log.Fatal(err)
		}
		return
	}
	write := flag.String("write", "", "also write the table to `FILE`")
	runs := flag.Int("runs", 7, "runs of each fast command")
	quick := flag.Bool("quick", false, "leave out the largest catalog")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *write, *runs, *quick); err != nil {
		log.Fatal("bench: ", err)
	}
}

func run(ctx context.Context, write string, runs int, quick bool) error {
	generator := filepath.Join("..", "shared", "bench")
	if _, err := os.Stat(generator); err != nil {
		fmt.Println("bench: skipped: the catalog generator ../shared/bench is not there")
		return nil
	}
	dir, err := os.MkdirTemp("", "kpm-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	b := &bench{dir: dir, runs: runs}
	if err := b.install(ctx, generator); err != nil {
		return err
	}
	sizes := []int{1000, 10000, 50000}
	if quick {
		sizes = sizes[:2]
	}
	if err := b.client(ctx, sizes); err != nil {
		return err
	}
	if err := b.indexer(ctx); err != nil {
		return err
	}
	text := b.table()
	fmt.Print(text)
	if write == "" {
		return nil
	}
	return os.WriteFile(write, []byte(text), 0o644)
}
