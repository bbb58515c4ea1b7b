package client

import (
	"fmt"
	"os"
	"strings"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/lint"
)

// Load reads a Kube that is no repository's: the folder or the archive that ref
// names by its path. Nobody but the user vouches for it.
func Load(ref Ref) (*kube.Kube, error) {
	info, err := os.Stat(ref.Path)
	if err != nil {
		return nil, fmt.Errorf("reading a Kube: %w", err)
	}
	if info.IsDir() {
		k, problems, err := Lint(ref.Path)
		if err != nil {
			return nil, err
		}
		return k, problems.Err()
	}
	if !strings.HasSuffix(ref.Path, ".tgz") || !info.Mode().IsRegular() {
		return nil, usage("%s is neither a folder nor an archive (.tgz)", ref.Path)
	}
	f, err := os.Open(ref.Path)
	if err != nil {
		return nil, fmt.Errorf("reading a Kube: %w", err)
	}
	defer f.Close() //nolint:errcheck // read only
	k, err := kube.Unpack(f, "", "")
	if err != nil {
		return nil, fmt.Errorf("unpacking %s: %w", ref.Path, err)
	}
	return k, nil
}

// recordOf is what info shows of a Kube that was not published.
func recordOf(k *kube.Kube) index.Record {
	facts, _ := lint.Kube(k)
	r := index.Record{
		Name: k.Name, Version: k.Version.String(), Description: k.Description, Details: k.Details, Keywords: k.Keywords,
		Home: k.Home, License: k.License, Maintainers: k.Maintainers, Provides: k.Provides(),
		Kinds: facts.Kinds, Images: facts.Images, Kubernetes: k.Kubernetes.String(), KPM: k.KPM.String(), Deprecated: k.Deprecated,
	}
	for _, d := range k.Dependencies {
		r.Dependencies = append(r.Dependencies, index.Dependency{Name: d.Name, Version: d.Version.String()})
	}
	if hook, ok := k.Hook(); ok {
		r.Hook = index.DigestOf(hook.Data)
	}
	return r
}
