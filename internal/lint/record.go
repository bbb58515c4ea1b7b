package lint

import (
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
)

// Record is what search and info show of k, but for what only its publisher
// knows: Rev, Built and Doc.
func (f Facts) Record(k *kube.Kube) index.Record {
	r := index.Record{
		Name: k.Name, Version: k.Version.String(), Description: k.Description, Details: k.Details, Keywords: k.Keywords,
		Home: k.Home, License: k.License, Maintainers: k.Maintainers, Provides: k.Provides(),
		Kinds: f.Kinds, Images: f.Images, Kubernetes: k.Kubernetes.String(), KPM: k.KPM.String(), Deprecated: k.Deprecated,
	}
	for _, d := range k.Dependencies {
		r.Dependencies = append(r.Dependencies, index.Dependency{Name: d.Name, Version: d.Version.String()})
	}
	if hook, ok := k.Hook(); ok {
		r.Hook = index.DigestOf(hook.Data)
	}
	return r
}
