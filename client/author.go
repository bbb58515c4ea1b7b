package client

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/kpm-sh/kpm/client/workcopy"
	"github.com/kpm-sh/kpm/internal/atomicfile"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/inputfile"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/lint"
)

// Lint reads the folder of a Kube and says what a repository would say about
// it. The Kube is whole when Problems has no error.
func Lint(ctx context.Context, dir string) (*kube.Kube, kube.Problems, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, nil, err
	}
	info, err := statPath(dir)
	if err != nil {
		return nil, nil, err
	}
	if !info.IsDir() {
		return nil, nil, usage("%s is no folder", dir)
	}
	if err := workcopy.CheckMerged(dir); err != nil {
		return nil, nil, err
	}
	k, problems := kube.ReadDir(inputfile.FS(abs), filepath.Base(abs))
	facts, more := lint.Kube(ctx, k)
	if problems = append(problems, more...); problems.Err() == nil {
		problems = append(problems, facts.Fits(k)...)
	}
	problems.Sort()
	return k, problems, nil
}

// Package packs the folder of a Kube, as a build would, into the folder out. It
// returns the path of the archive. A Kube that a repository would refuse is not
// packed; the error is then a kube.Problems.
func Package(ctx context.Context, dir, out string) (path string, ref index.Ref, err error) {
	k, problems, err := Lint(ctx, dir)
	if err != nil {
		return "", index.Ref{}, err
	}
	if err := problems.In(dir).Err(); err != nil {
		return "", index.Ref{}, err
	}
	var archive bytes.Buffer
	if err := k.Pack(&archive); err != nil {
		return "", index.Ref{}, fmt.Errorf("packing %s: %w", k.Name, err)
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return "", index.Ref{}, err
	}
	path = filepath.Join(out, index.ArchiveBase(k.Name, k.Version.String())+".tgz")
	return path, index.RefOf(archive.Bytes()), atomicfile.Write(path, archive.Bytes(), 0o644)
}
