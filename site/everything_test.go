package site_test

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/indexer/kubetest"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/signing"
	"github.com/kpm-sh/kpm/signing/signer"
	"github.com/kpm-sh/kpm/signing/signingtest"
)

// TestEverything draws a repository that has one of everything that pages show, and whose
// signer has no key: a CI job that a Sigstore instance vouches for. KPM_SITE_FOLDER names a
// folder where it is kept, for .ci/site-test to look at in a browser.
func TestEverything(t *testing.T) {
	folder := os.Getenv("KPM_SITE_FOLDER")
	if folder == "" {
		folder = t.TempDir()
	}
	packages := filepath.Join(folder, "packages")
	if err := os.CopyFS(packages, os.DirFS("../packages")); err != nil {
		t.Fatal(err)
	}
	writeOddKubes(t, packages)
	r := publishKeyless(t, packages, filepath.Join(folder, "site"))
	for i := range 13 { // more than a page of a Kube lists
		edit(t, packages, "nginx-standard/K3.yaml", fmt.Sprintf("version: 1.%d.0", i), fmt.Sprintf("version: 1.%d.0", i+1))
		if i == 11 {
			write(t, packages, "nginx-standard/releases.yaml", "yanked:\n  1.11.0: It loses requests while it reloads.\nrevoked:\n  1.10.0: Its image had a back door.\n")
			write(t, packages, "nginx-standard/manifests/more.yaml", oddObjects)
			write(t, packages, "hello/releases.yaml", "yanked:\n  1.0.0: The page said the wrong thing.\n")
		}
		if i == 12 {
			write(t, packages, "nginx-standard/manifests/more.yaml", strings.ReplaceAll(oddObjects, "proxy:1.0", "proxy:1.1"))
		}
		r.build(indexer.Options{})
	}
	failed := kubetest.Result{
		Name: "nginx-standard", Verdict: kubetest.Failed, Server: "1.37.2", Nodes: kubetest.RealNodes, Kpm: "1.0.0",
		Steps:    []kubetest.Step{{Name: "install", Verdict: kubetest.Failed}},
		Why:      "the Deployment nginx-standard did not become ready within 5 minutes:\n  Pod nginx-standard-6c8f9: ImagePullBackOff: registry.example.org/proxy:1.1: not found",
		Warnings: []string{"policy/v1 PodDisruptionBudget: an empty selector selects all pods"},
	}
	r.build(indexer.Options{Evidence: []fs.FS{r.found(failed,
		onServer("nginx-standard", "1.36.3", kubetest.SimulatedNodes), onServer("nginx-standard", "1.35.4", kubetest.RealNodes), onServer("nginx-standard", "1.34.4", kubetest.RealNodes),
		onServer("nginx-standard", "1.33.13", kubetest.RealNodes), onServer("nginx-standard", "1.32.13", kubetest.RealNodes), onServer("nginx-standard", "1.31.14", kubetest.RealNodes),
		onServer("redis", "1.37.2", kubetest.RealNodes), onServer("redis", "1.36.3", kubetest.RealNodes), onServer("postgres", "1.37.2", kubetest.SimulatedNodes))}})
	pages := r.draw()
	check(t, r.dir, pages)
	who := `<strong>ci</strong> <span class="small" title="` + signingtest.SAN + ` for https://github.com/acme/packages (issuer ` + signingtest.Issuer + `)">a job of github.com/acme/packages</span>`
	for at, texts := range map[string][]string{
		"feed.xml":                            {"<author>", "<name>acme</name>"},
		"index.html":                          {"signed by&#32;" + who},
		"pages/nginx-standard/index.html":     {"which is signed by&#32;" + who, "built by</dt><dd><span class=\"good\">✓</span>&#32;" + who, "failed on</span> <a href=\"#tests\">1.37.2<", "All 14 versions"},
		"pages/nginx-standard/1.10.0.html":    {"Revoked: kpm does not install it.", "Its image had a back door.", "$ kpm install nginx-standard<"},
		"pages/nginx-standard/1.11.0.html":    {"Yanked:", "It loses requests", "$ kpm install nginx-standard@1.11.0<"},
		"pages/hello/index.html":              {"Yanked:"},
		"pages/many/dependents/2.html":        {"201–230 of 230"},
		"pages/many/values/1.0.0/2.html":      {"201–250 of 250"},
		"pages/many/contents/1.0.0/2.html":    {"of 25"},
		"pages/many/permissions/1.0.0/2.html": {"201–400 of 500"},
	} {
		for _, text := range texts {
			if !strings.Contains(string(pages[at]), text) {
				t.Errorf("%s (%d bytes) has no %q", at, len(pages[at]), text)
			}
		}
	}
}

// publishKeyless starts a repository that a CI job publishes.
func publishKeyless(t *testing.T, packages, dir string) *repository {
	t.Helper()
	services := signingtest.Serve(t, 2)
	const source = "https://github.com/acme/packages"
	key, err := signer.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	keyless, err := signer.NewKeyless(signer.KeylessOptions{
		Config: services.Config(), Transport: http.DefaultTransport, Now: time.Now, Pause: time.Millisecond,
		Token: func(context.Context) (string, error) { return signingtest.Token(signingtest.SAN, source), nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	r := &repository{t: t, packages: packages, dir: dir, now: time.Now().Add(-24 * time.Hour), signers: []signer.Signer{keyless}}
	root := services.TrustedRoot()
	instance := trust.Sigstore{TrustedRoot: index.RefOf(root), Profile: signing.ProfilePrivateLog}
	ci := trust.Signer{Keyless: &trust.Keyless{Sigstore: "ours", Issuer: signingtest.Issuer, SAN: signingtest.SAN, SourceRepository: source}}
	r.start(key, indexer.FirstTrust("acme", key.Public(), key.Public(), ci, map[string]trust.Sigstore{"ours": instance}, r.now.AddDate(1, 0, 0), 30),
		map[string][]byte{instance.RootName(): root})
	return r
}

func onServer(name, server, nodes string) kubetest.Result {
	return kubetest.Result{
		Name: name, Verdict: kubetest.Passed, Server: server, Nodes: nodes, Kpm: "1.0.0", Ready: 12.3, From: "1.12.0",
		Steps: []kubetest.Step{{Name: "install", Verdict: kubetest.Passed}, {Name: "test " + name + "-answers", Verdict: kubetest.Passed}, {Name: "upgrade", Verdict: kubetest.Passed}, {Name: "uninstall", Verdict: kubetest.Passed}},
	}
}

const oddObjects = `apiVersion: v1
kind: ConfigMap
metadata: {name: more}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: more}
rules: [{apiGroups: [""], resources: [nodes, secrets], verbs: [get, list]}]
---
apiVersion: v1
kind: Pod
metadata: {name: more}
spec: {containers: [{name: proxy, image: "registry.example.org/proxy:1.0"}]}
`

// writeOddKubes writes a Kube with almost nothing, some with long names and texts and in
// other scripts, and one of which every list is longer than a page.
func writeOddKubes(t *testing.T, packages string) {
	t.Helper()
	const object = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
	long := strings.Repeat("long-", 12) + "abc"
	words := strings.TrimSpace(strings.Repeat("a description as long as it may be ", 9))
	var values, objects strings.Builder
	for i := range 250 {
		fmt.Fprintf(&values, "value%d: %d\n", i, i)
		fmt.Fprintf(&objects, "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: role-%d}\nrules: [{apiGroups: [\"\"], resources: [r%d], verbs: [get]}]\n", i, i)
		write(t, packages, fmt.Sprintf("many/more/file-%d.txt", i), "x")
	}
	for i := range 230 {
		name := fmt.Sprintf("need-%d", i)
		write(t, packages, name+"/K3.yaml", "name: "+name+"\nversion: 1.0.0\ndescription: it needs many\nkeywords: [need]\ndependencies: [{name: many}]\n")
		write(t, packages, name+"/manifests/a.yaml", object)
	}
	for at, text := range map[string]string{
		"bare/K3.yaml":              "name: bare\nversion: 0.1.0\ndescription: almost nothing\n",
		"bare/manifests/a.yaml":     object,
		long + "/K3.yaml":           "name: " + long + "\nversion: 10.20.30-alpha.1.2.3.rc.20261128.verylongprerelease+build.5\ndescription: " + words + "\nkeywords: [" + strings.Repeat("keyword", 8) + ", cache]\nmaintainers: ['Somebody With A Long Name <somebody@long.example.org>']\nhome: https://example.org/a/very/long/address/of/a/page/that/goes/on/and/on/index.html\n",
		long + "/manifests/a.yaml":  object,
		"arabic/K3.yaml":            "name: arabic\nversion: 1.0.0\ndescription: خادم ويب صغير لصفحة واحدة\ndetails: خادم يعرض صفحة واحدة ولا شيء غيرها.\nkeywords: [web]\n",
		"arabic/README.md":          "# خادم\n\nيعمل مع nginx 1.27.\n\n- واحد\n- اثنان\n\n| اسم | قيمة |\n|---|---|\n| منفذ | 8080 |\n",
		"arabic/manifests/a.yaml":   object,
		"japanese/K3.yaml":          "name: japanese\nversion: 1.0.0\ndescription: 一枚のページを配る小さなウェブサーバー\nkeywords: [web]\n",
		"japanese/README.md":        "# japanese\n\n説明文です。" + strings.Repeat("とても長い説明文が続きます。", 20) + "\n",
		"japanese/manifests/a.yaml": object,
		"many/K3.yaml":              "name: many\nversion: 1.0.0\ndescription: much of everything\n",
		"many/values.yaml":          values.String(),
		"many/manifests/a.yaml":     objects.String(),
	} {
		write(t, packages, at, text)
	}
}
