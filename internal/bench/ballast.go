package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
)

// ballastFile holds the block that keeps the collector away while kpm starts.
var ballastFile = filepath.Join("internal", "ballast", "ballast.go")

// ballast measures what kpm's start gains by its ballast, beside kpm without one.
func (b clientPart) ballast(ctx context.Context) error {
	without, err := b.withoutBallast(ctx)
	if err != nil {
		return err
	}
	starts, err := race(ctx, 9*b.runs, b.help(), command{args: []string{without, "--help"}})
	if err != nil {
		return err
	}
	b.add(row{"`kpm --help` / the same without its ballast", seconds(starts[0].cpu), seconds(starts[1].cpu), ratio(starts[0].cpu, starts[1].cpu), "≤ 0.95"})
	return nil
}

// withoutBallast builds kpm as `make build` does, but for the block.
func (b clientPart) withoutBallast(ctx context.Context) (string, error) {
	empty, overlay, kpm := filepath.Join(b.dir, "ballast.go"), filepath.Join(b.dir, "overlay.json"), filepath.Join(b.dir, "kpm-without-ballast")
	if err := os.WriteFile(empty, []byte("package ballast\n\nfunc Drop() {}\n"), 0o600); err != nil {
		return "", err
	}
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {abs(ballastFile): empty}})
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(overlay, replace, 0o600); err != nil {
		return "", err
	}
	return kpm, run(ctx, "", nil, "go", "build", "-overlay", overlay, "-trimpath", "-ldflags=-s -w", "-o", kpm, "./cmd/kpm")
}
