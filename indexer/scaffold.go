package indexer

import (
	_ "embed"
	"encoding/json"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/signing"
)

//go:embed scaffold/publish.yml
var workflow string

//go:embed scaffold/trust.md
var aboutTrust string

// Scaffold is what a packages repository starts with: its settings, an example
// Kube, a workflow that checks pull requests and publishes with a version of
// kpm-indexer, a folder for trust documents that says how to begin, a .gitignore
// that keeps keys out, and a .gitattributes that keeps bytes as they are.
func Scaffold(name, url, version string) ([]kube.File, error) {
	example, err := kube.Example("hello")
	if err != nil {
		return nil, err
	}
	settings, err := yaml.Marshal(struct{ Name, URL string }{name, url}) // quoted where need be
	if err != nil {
		return nil, err
	}
	address, err := json.Marshal(url) // JSON is YAML, and is quoted
	if err != nil {
		return nil, err
	}
	fill := strings.NewReplacer("REPOSITORY", name, "SITE_ADDRESS", string(address), "INDEXER_VERSION", version)
	files := []kube.File{
		{Path: ConfigName, Data: append(settings, "expiresIn: 336h\nkubernetes: [\"1.36\"]\n"...)},
		{Path: ".github/workflows/publish.yml", Data: []byte(fill.Replace(workflow))},
		{Path: "trust/README.md", Data: []byte(strings.NewReplacer("REPOSITORY", name, "SITE_ADDRESS", url).Replace(aboutTrust))},
		{Path: ".gitattributes", Data: []byte("# What is published keeps its bytes for ever: git must not change the ends of lines.\npackages/** -text\n")},
		{Path: ".gitignore", Data: []byte("*.key\n/keys/\n/site/\n")},
	}
	for _, f := range example {
		f.Path = "packages/hello/" + f.Path
		files = append(files, f)
	}
	return files, nil
}

// FirstTrust is trust document 1 of a new repository: either of two trust keys
// may sign the next document, one index key signs heads and provenance.
func FirstTrust(name string, first, spare, publisher signing.PublicKey, expires time.Time, graceDays int64) *trust.Document {
	return &trust.Document{
		Schema: trust.Schema, Repository: name, Version: 1, Epoch: 1, Expires: index.At(expires),
		Signers: map[string]trust.Signer{
			"trust": trust.KeySigner(first), "trust-spare": trust.KeySigner(spare), "index": trust.KeySigner(publisher),
		},
		Roles: trust.Roles{
			Trust: trust.Role{Signers: []string{"trust", "trust-spare"}, Threshold: 1},
			Index: trust.Role{Signers: []string{"index"}, Threshold: 1},
		},
		MaxGraceDays: graceDays,
	}
}
