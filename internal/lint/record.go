package lint

import (
	"fmt"
	"time"

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

// Fits refuses a Kube, sound otherwise, of which no line of the index can hold
// what it has to.
func (f Facts) Fits(k *kube.Kube) kube.Problems {
	r := f.Record(k)
	r.Rev, r.Built = 1<<53, index.At(time.Unix(0, 0))
	r.Doc = index.Ref{SHA256: index.DigestOf(nil), Size: index.MaxDocument}
	if _, err := index.NewLine(r); err != nil {
		return kube.Problems{{Path: kube.MetaPath, Message: fmt.Sprintf("%v: fewer or shorter names of files, images and keywords are needed", err)}}
	}
	return nil
}
