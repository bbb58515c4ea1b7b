package indexer

import (
	"embed"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/signing"
)

//go:embed scaffold
var scaffold embed.FS

// scaffolded are the files of a new repository by their names in scaffold.
var scaffolded = map[string]string{
	"publish.yml":              ".github/workflows/publish.yml",
	"CODEOWNERS":               ".github/CODEOWNERS",
	"pull_request_template.md": ".github/pull_request_template.md",
	"kube_issue.yml":           ".github/ISSUE_TEMPLATE/kube.yml",
	"README.md":                "README.md",
	"LICENSE":                  "LICENSE",
	"trust.md":                 "trust/README.md",
}

// Scaffold is what a packages repository starts with: its settings, with name, address
// and source of to; an example Kube with a hook, a workflow that checks and tests pull
// requests and publishes with a version of kpm-indexer, with a key or without one, forms
// for pull requests and issues, a folder for trust documents that says how to begin, a
// .gitignore that keeps keys out, and a .gitattributes that keeps bytes as they are.
func Scaffold(to Config, version string, keyless bool) ([]kube.File, error) {
	name, url, source := to.Name, to.URL, to.Source
	example, err := exampleWithHook()
	if err != nil {
		return nil, err
	}
	settings, err := yaml.Marshal(struct {
		Name, URL string
		Source    string `yaml:",omitempty"`
	}{name, url, source}) // quoted where need be
	if err != nil {
		return nil, err
	}
	literal := "'" + strings.ReplaceAll(url, "'", "''") + "'" // of GitHub's expressions
	quoted := strings.NewReplacer("REPOSITORY", name, "SITE_LITERAL", literal, "INDEXER_VERSION", version)
	plain := strings.NewReplacer("REPOSITORY", name, "SITE_ADDRESS", url)
	files := []kube.File{
		{Path: ConfigName, Data: append(settings, "expiresIn: 336h\nkubernetes: [\"1.36\"]\n"...)},
		{Path: ".gitattributes", Data: []byte("# What is published keeps its bytes for ever: git must not change the ends of lines.\npackages/** -text\n")},
		{Path: ".gitignore", Data: []byte("*.key\n/keys/\n/site/\n")},
	}
	for _, from := range slices.Sorted(maps.Keys(scaffolded)) {
		text, err := scaffold.ReadFile("scaffold/" + from)
		if err != nil {
			return nil, err
		}
		fill := plain
		if strings.HasSuffix(from, ".yml") {
			fill = quoted
		}
		files = append(files, kube.File{Path: scaffolded[from], Data: []byte(fill.Replace(variant(string(text), keyless)))})
	}
	for _, f := range example {
		f.Path = "packages/hello/" + f.Path
		files = append(files, f)
	}
	return files, nil
}

// variant is the text for a repository that signs with a key, or without one: lines that
// end with %key% and %keyless% are of one of the two.
func variant(text string, keyless bool) string {
	keep, drop := " %key%", " %keyless%"
	if keyless {
		keep, drop = drop, keep
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		if plain := strings.TrimSuffix(line, "\n"); !strings.HasSuffix(plain, drop) {
			b.WriteString(strings.TrimSuffix(plain, keep) + "\n")
		}
	}
	return b.String()
}

// exampleWithHook is the example Kube with what the folder hello of scaffold has.
func exampleWithHook() ([]kube.File, error) {
	files, err := kube.Example("hello")
	if err != nil {
		return nil, err
	}
	err = fs.WalkDir(scaffold, "scaffold/hello", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := scaffold.ReadFile(path)
		name := strings.TrimPrefix(path, "scaffold/hello/")
		files = slices.DeleteFunc(files, func(f kube.File) bool { return f.Path == name })
		files = append(files, kube.File{Path: name, Data: data})
		return err
	})
	slices.SortFunc(files, func(a, b kube.File) int { return strings.Compare(a.Path, b.Path) })
	return files, err
}

// FirstTrust is trust document 1 of a new repository: either of two trust keys
// may sign the next document, and a publisher signs heads and provenance. One who has no key
// is called ci, and the document pins the Sigstore instances that he may use.
func FirstTrust(name string, first, spare signing.PublicKey, publisher trust.Signer, sigstore map[string]trust.Sigstore, expires time.Time, graceDays int64) *trust.Document {
	by := "index"
	if publisher.Keyless != nil {
		by = "ci"
	}
	return &trust.Document{
		Schema: trust.Schema, Repository: name, Version: 1, Epoch: 1, Expires: index.At(expires),
		Signers: map[string]trust.Signer{
			"trust": trust.KeySigner(first), "trust-spare": trust.KeySigner(spare), by: publisher,
		},
		Roles: trust.Roles{
			Trust: trust.Role{Signers: []string{"trust", "trust-spare"}, Threshold: 1},
			Index: trust.Role{Signers: []string{by}, Threshold: 1},
		},
		Sigstore: sigstore, MaxGraceDays: graceDays,
	}
}
