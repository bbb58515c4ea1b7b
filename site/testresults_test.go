package site_test

import (
	"bytes"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/indexer/kubetest"
)

// found is evidence of a result, as kpm-indexer test writes it.
func (r *repository) found(results ...kubetest.Result) fs.FS {
	r.t.Helper()
	files := fstest.MapFS{}
	for _, result := range results {
		subjects, err := (*indexer.MaintainOptions)(nil).Subjects(r.t.Context(), kubetest.Selection{Packages: os.DirFS(r.packages), Names: []string{result.Name}})
		if err != nil || len(subjects) != 1 {
			r.t.Fatalf("%d subjects: %v", len(subjects), err)
		}
		result.Tar, result.Version = subjects[0].Tar, subjects[0].Version
		name, statement, err := result.Evidence()
		if err != nil {
			r.t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: statement}
	}
	return files
}

func helloOn(server, nodes string, verdict kubetest.Verdict) kubetest.Result {
	return kubetest.Result{
		Name: "hello", Verdict: verdict, Server: server, Nodes: nodes, Kpm: "1.0.0", Ready: 12.3,
		Steps: []kubetest.Step{{Name: "install", Verdict: kubetest.Passed}, {Name: "test hello-answers", Verdict: verdict}},
	}
}

// Test results are on the pages whole: per version of Kubernetes, with seconds, failures
// and simulated nodes said; and who signed and who built, by what was verified.
func TestResults(t *testing.T) {
	packages := t.TempDir()
	if err := os.CopyFS(packages, os.DirFS("../packages")); err != nil {
		t.Fatal(err)
	}
	r := publish(t, packages)
	failed := helloOn("1.37.2", kubetest.RealNodes, kubetest.Failed)
	failed.Why, failed.Warnings = "the Pod hello-0 did not become ready:\n<script>alert(1)</script>", []string{"<b>old</b> API"}
	r.build(indexer.Options{Evidence: []fs.FS{r.found(
		helloOn("1.35.4", kubetest.RealNodes, kubetest.Passed), helloOn("1.36.3", kubetest.SimulatedNodes, kubetest.Passed), failed,
		kubetest.Result{Name: "redis", Verdict: kubetest.Passed, Server: "1.36.3", Nodes: kubetest.RealNodes, Kpm: "1.0.0", Ready: 3, Steps: []kubetest.Step{{Name: "install", Verdict: kubetest.Passed}}},
	)}})
	pages := r.draw()
	check(t, r.dir, pages)
	for at, texts := range map[string][]string{
		"pages/hello/index.html": {
			"1.35.4</a>, ready after 12 s<", "1.36.3</a>, ready after 12 s, simulated nodes<", "failed on</span> <a href=\"#tests\">1.37.2<",
			"did not become ready:\n&lt;script&gt;", "&lt;b&gt;old&lt;/b&gt; API", "install, test hello-answers", "with kpm 1.0.0",
			"signed by&#32;<strong>index</strong> <span class=\"small\" title=\"key ", "built by</dt><dd><span class=\"good\">✓</span>&#32;<strong>index</strong>",
		},
		"pages/hello/1.0.0.html":    {"1.35.4</a>, ready after 12 s<"},
		"pages/redis/index.html":    {"ready after</th>", "3.0 s"},
		"pages/postgres/index.html": {"This release was not tested yet"},
		"list/index.html":           {"failed on 1.37; tested on 1.35; tested with simulated nodes on 1.36<"},
		"status/index.html":         {"1 passed, 1 failed on some version, 14 not tested yet", "<th scope=\"col\">1.35</th><th scope=\"col\">1.36</th><th scope=\"col\">1.37</th>", "✓ 1.36.3</span><span class=\"note\">simulated<", "✗ 1.37.2 failed"},
		"assets/search/names.js":    {`"lists":["","1.35.4 1.36.3"`},
		"assets/search/c-0.js":      {"tested with simulated nodes on 1.36\""},
	} {
		for _, text := range texts {
			if !strings.Contains(string(pages[at]), text) {
				t.Errorf("%s has no %q", at, text)
			}
		}
	}
	if hello, redis := strings.Index(string(pages["status/index.html"]), ">hello<"), strings.Index(string(pages["status/index.html"]), ">etcd-discovery<"); hello > redis {
		t.Error("what failed is not first on the page of all results")
	}
}

// What is not signed by who may says so, and shows nothing of what it claims.
func TestUnprovenResults(t *testing.T) {
	r := publish(t, "../packages")
	r.build(indexer.Options{Evidence: []fs.FS{r.found(helloOn("1.36.3", kubetest.RealNodes, kubetest.Passed))}})
	r.forge = func(_ string, data []byte) []byte {
		return bytes.ReplaceAll(data, []byte(`"signatures":[{"sig":"M`), []byte(`"signatures":[{"sig":"AAAA`))
	}
	page := string(r.draw()["pages/hello/index.html"])
	for _, text := range []string{"its bundle could not be verified", "✗ not proven:"} {
		if !strings.Contains(page, text) {
			t.Errorf("the page has no %q", text)
		}
	}
	for _, text := range []string{"12 s", "with kpm 1.0.0", "built by</dt><dd><span class=\"good\">"} {
		if strings.Contains(page, text) {
			t.Errorf("the page shows %q, which nobody vouches for", text)
		}
	}
}
