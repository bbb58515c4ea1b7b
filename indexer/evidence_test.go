package indexer_test

import (
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/indexer/kubetest"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/signing"
	"github.com/kpm-sh/kpm/signing/signer"
)

// tarOf is the sha256 of the tar of a Kube in the packages folder.
func (k *kit) tarOf(name string) string {
	k.t.Helper()
	subjects, err := (*indexer.MaintainOptions)(nil).Subjects(context.Background(), kubetest.Selection{Packages: os.DirFS(k.packages), Names: []string{name}})
	if err != nil || len(subjects) != 1 {
		k.t.Fatalf("%d subjects: %v", len(subjects), err)
	}
	return subjects[0].Tar
}

// found leaves evidence of a result in a folder, and gives a build that takes it.
func (k *kit) found(folder string, r kubetest.Result) func(*indexer.Options) {
	k.t.Helper()
	if r.Tar == "" {
		r.Tar = k.tarOf(r.Name)
	}
	name, statement, err := r.Evidence()
	if err != nil {
		k.t.Fatal(err)
	}
	k.write(folder+"/"+name, string(statement))
	return func(o *indexer.Options) { o.Evidence = append(o.Evidence, os.DirFS(filepath.Join(k.dir, folder))) }
}

// result is a result of pony 1.0.0 that says nothing unusual.
func result(server, nodes string, verdict kubetest.Verdict) kubetest.Result {
	return kubetest.Result{
		Name: "pony", Version: "1.0.0", Verdict: verdict, Server: server, Nodes: nodes, Kpm: "1.0.0", Ready: 2.5,
		Steps: []kubetest.Step{{Name: "install", Verdict: verdict}}, Objects: []string{"ConfigMap/pony"},
		Images: []kubetest.Image{{Image: "pony:1", Digest: "sha256:" + strings.Repeat("1", 64)}}, Warnings: []string{"old"},
	}
}

// results are the test results that a document lists of its first release.
func (k *kit) results() (list []string) {
	for _, a := range k.releasesOf("pony").Releases[0].Attestations {
		if a.Type == signing.TestResultType {
			list = append(list, a.Server+" "+a.Nodes+" "+a.Result)
		}
	}
	return list
}

// TestEvidence: a result is published once per release and server minor, again only if it
// differs; what it says is in the document and, where the release passed, in the record.
func TestEvidence(t *testing.T) {
	k := newKit(t)
	res := k.publish(starting(k.trust), k.found("a", result("1.36.3", kubetest.SimulatedNodes, kubetest.Passed)))
	is(t, strings.Join(res.Tested, ","), "pony 1.0.0 on Kubernetes 1.36.3")
	is(t, strings.Join(k.line("pony").Tested, ","), "1.36.3")
	is(t, strings.Join(k.line("pony").Simulated, ","), "1.36.3")
	k.audit()

	rev := k.line("pony").Rev
	for name, step := range map[string]struct {
		result kubetest.Result
		news   bool
	}{
		"the same again":        {result("1.36.3", kubetest.SimulatedNodes, kubetest.Passed), false},
		"another patch release": {result("1.36.4", kubetest.SimulatedNodes, kubetest.Passed), false},
	} {
		if res := k.publish(k.found(name, step.result)); (len(res.Tested) > 0) != step.news {
			t.Errorf("%s: %v", name, res.Tested)
		}
	}
	if k.line("pony").Rev != rev {
		t.Error("the record changed although the result did not")
	}

	for _, step := range []struct {
		result kubetest.Result
		want   string
		tested string
	}{
		{result("1.37.0", kubetest.RealNodes, kubetest.Passed), "1.36.3 simulated PASSED,1.37.0 real PASSED", "1.36.3,1.37.0"},
		{result("1.36.4", kubetest.RealNodes, kubetest.Failed), "1.37.0 real PASSED,1.36.4 real FAILED", "1.37.0"},
		{result("1.36.5", kubetest.SimulatedNodes, kubetest.Passed), "1.37.0 real PASSED,1.36.4 real FAILED", "1.37.0"},
		{result("1.36.6", kubetest.RealNodes, kubetest.Passed), "1.37.0 real PASSED,1.36.6 real PASSED", "1.36.6,1.37.0"},
	} {
		k.publish(k.found("b"+step.result.Server+step.result.Nodes, step.result))
		is(t, strings.Join(k.results(), ","), step.want)
		is(t, strings.Join(k.line("pony").Tested, ","), step.tested)
	}
	k.audit()

	k.kube("pony", "1.1.0")
	k.publish()
	is(t, strings.Join(k.line("pony").Tested, ","), "") // the new release has none
	k.audit()
}

// TestEvidenceStays: gc keeps what results of the published head lie in, restore brings
// those of its state back, and a site that starts empty carries them over.
func TestEvidenceStays(t *testing.T) {
	k := newKit(t)
	k.publish(starting(k.trust), k.found("a", result("1.36.3", kubetest.RealNodes, kubetest.Passed)))
	k.publish()
	k.now = k.now.Add(200 * days)
	k.publish()
	if _, err := indexer.Collect(context.Background(), k.maintain(), false); err != nil {
		t.Fatal(err)
	}
	k.audit()
	is(t, strings.Join(k.results(), ","), "1.36.3 real PASSED")

	seq := k.head().Seq
	k.remove("site/" + index.HeadPath)
	if _, err := indexer.Restore(context.Background(), k.maintain(), []signer.Signer{k.key.Signer()}, seq+5, 14*days); err != nil {
		t.Fatal(err)
	}
	k.audit()
	is(t, strings.Join(k.results(), ","), "1.36.3 real PASSED")

	old := k.site
	k.site = filepath.Join(k.dir, "empty")
	k.publish(func(o *indexer.Options) { o.Site, o.Previous = k.site, "file://"+old })
	k.audit()
}

// TestEvidenceOfOthers: what is no statement about a release here changes nothing.
func TestEvidenceOfOthers(t *testing.T) {
	k := newKit(t)
	k.first()
	other := result("1.36.3", kubetest.RealNodes, kubetest.Passed)
	other.Tar = strings.Repeat("a", 64)
	const unknown = "evidence of archives that are neither published nor built here was not taken: "
	res := k.publish(k.found("a", other))
	if len(res.Tested) > 0 {
		t.Errorf("%v", res.Tested)
	}
	is(t, strings.Join(res.Warnings, ","), unknown+"pony 1.0.0 on Kubernetes 1.36.3")
	named := result("1.36.3", kubetest.RealNodes, kubetest.Passed)
	named.Tar, named.Name = k.tarOf("pony"), "horse"
	res = k.publish(k.found("b", named))
	if len(res.Tested) > 0 {
		t.Errorf("%v", res.Tested)
	}
	is(t, strings.Join(res.Warnings, ","), unknown+"horse 1.0.0 on Kubernetes 1.36.3")
}

// TestBadEvidence: a folder of evidence is what strangers' jobs wrote.
func TestBadEvidence(t *testing.T) {
	tar := strings.Repeat("b", 64)
	good := func() map[string]any {
		r := result("1.36.3", kubetest.RealNodes, kubetest.Passed)
		r.Tar = tar
		_, statement, err := r.Evidence()
		if err != nil {
			t.Fatal(err)
		}
		var v map[string]any
		if err := json.Unmarshal(statement, &v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	predicate := func(v map[string]any) map[string]any { return v["predicate"].(map[string]any) }
	for want, change := range map[string]func(map[string]any){
		"neither PASSED nor FAILED": func(v map[string]any) { predicate(v)["result"] = "GREAT" },
		"the predicate is":          func(v map[string]any) { v["predicateType"] = signing.ProvenanceType },
		"not one subject":           func(v map[string]any) { v["subject"] = []any{} },
		"archive go together": func(v map[string]any) {
			v["subject"].([]any)[0].(map[string]any)["digest"] = map[string]any{"sha256": strings.Repeat("c", 64)}
		},
		"repository and archive":      func(v map[string]any) { predicate(v)[signing.TestDetails].(map[string]any)["repository"] = "acme" },
		"passed, and failed: install": func(v map[string]any) { predicate(v)["failedTests"] = []any{"install"} },
		"passed, and no test did":     func(v map[string]any) { predicate(v)["passedTests"] = []any{} },
		"failed, and no test did":     func(v map[string]any) { predicate(v)["result"] = "FAILED" },
		"the version of Kubernetes is": func(v map[string]any) {
			predicate(v)["configuration"] = []any{map[string]any{"name": "kubernetes", "annotations": map[string]any{"nodes": "real"}}}
		},
	} {
		k := newKit(t)
		k.first()
		v := good()
		change(v)
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		k.write("e/"+tar+"-1.36.3.json", string(text))
		_ = k.refused([]string{want}, func(o *indexer.Options) { o.Evidence = []fs.FS{os.DirFS(filepath.Join(k.dir, "e"))} })
	}
	k := newKit(t)
	k.first()
	k.found("e", func() kubetest.Result {
		r := result("1.36.3", kubetest.RealNodes, kubetest.Passed)
		r.Tar = tar
		return r
	}())
	if err := os.Rename(filepath.Join(k.dir, "e", tar+"-1.36.3.json"), filepath.Join(k.dir, "e", "x.json")); err != nil {
		t.Fatal(err)
	}
	_ = k.refused([]string{"it is about " + tar}, func(o *indexer.Options) { o.Evidence = []fs.FS{os.DirFS(filepath.Join(k.dir, "e"))} })
}

// TestDeepEvidence: folders in a folder are read, and not without end.
func TestDeepEvidence(t *testing.T) {
	k := newKit(t)
	k.first()
	k.write("e/1/2/3/4/5/x.json", "{}")
	_ = k.refused([]string{"1/2/3/4/5 lies more than 4 folders deep"}, func(o *indexer.Options) { o.Evidence = []fs.FS{os.DirFS(filepath.Join(k.dir, "e"))} })
}

// TestTestsRole: results are signed by the tests role alone.
func TestTestsRole(t *testing.T) {
	k := newKit(t)
	k.document.Signers["tester"] = trust.KeySigner(k.spareKey.Public())
	k.document.Roles.Tests = &trust.Role{Signers: []string{"tester"}, Threshold: 1}
	k.signTrust(k.trustKey, k.spareKey)
	k.first()
	take := k.found("a", result("1.36.3", kubetest.RealNodes, kubetest.Passed))
	_ = k.refused([]string{"somebody of role tests"}, take)
	k.publish()
}

// TestAuditOfEvidence: a listed result that is not there, or of another release, is found.
func TestAuditOfEvidence(t *testing.T) {
	k := newKit(t)
	k.publish(starting(k.trust), k.found("a", result("1.36.3", kubetest.RealNodes, kubetest.Passed)))
	at := k.releasesOf("pony").Releases[0].Attestations[1].Path
	was := k.read("site/" + at)
	k.write("site/"+at, strings.Replace(was, "PASSED", "FAILED", 1)+" ")
	a, err := indexer.Audit(context.Background(), k.maintain())
	if err != nil || len(a.Findings) == 0 {
		t.Errorf("%+v %v", a, err)
	}
	k.remove("site/" + at)
	a, err = indexer.Audit(context.Background(), k.maintain())
	if err != nil || len(a.Findings) == 0 {
		t.Errorf("%+v %v", a, err)
	}
}

// TestEvidenceFailed: a release that nobody has yet is not published when its test
// failed, whatever else passed; of one that is out it is said.
func TestEvidenceFailed(t *testing.T) {
	k := newKit(t)
	failed := result("1.36.3", kubetest.RealNodes, kubetest.Failed)
	const want = "pony/K3.yaml:2: version 1.0.0 failed its test on Kubernetes 1.36.3, and is not released: install"
	both := []func(*indexer.Options){k.found("a", failed), k.found("a", result("1.37.0", kubetest.RealNodes, kubetest.Passed))}
	_ = k.refused([]string{want}, starting(k.trust), both[0], both[1])

	k.kube("horse", "1.0.0")
	res := k.publish(starting(k.trust), both[0], func(o *indexer.Options) { o.KeepGoing = true })
	is(t, strings.Join(res.Released, ","), "horse 1.0.0")
	contains(t, res.Refused.Error(), want)
	if len(res.Tested) > 0 {
		t.Errorf("%v", res.Tested)
	}

	k.publish()
	res = k.publish(k.found("b", failed))
	is(t, strings.Join(res.Tested, ","), "pony 1.0.0 on Kubernetes 1.36.3, and it failed")
	k.audit()
}

// TestEvidenceOfOneMinor: of what is about one minor version that of real nodes counts,
// and then of the newest server.
func TestEvidenceOfOneMinor(t *testing.T) {
	k := newKit(t)
	k.found("a", result("1.36.9", kubetest.RealNodes, kubetest.Failed))
	k.found("a", result("1.36.11", kubetest.SimulatedNodes, kubetest.Failed))
	k.publish(starting(k.trust), k.found("a/job/of-a-matrix", result("1.36.10", kubetest.RealNodes, kubetest.Passed)), func(o *indexer.Options) {
		o.Evidence = []fs.FS{os.DirFS(filepath.Join(k.dir, "a"))}
	})
	is(t, strings.Join(k.results(), ","), "1.36.10 real PASSED")
}

// TestEvidenceAgainstItself: a pass on simulated nodes takes no failure on real ones away, and
// of two results of one folder that which failed counts, in whatever order they lie there.
func TestEvidenceAgainstItself(t *testing.T) {
	const want = "pony/K3.yaml:2: version 1.0.0 failed its test on Kubernetes 1.36.3, and is not released: install"
	failed, passed := result("1.36.3", kubetest.RealNodes, kubetest.Failed), result("1.36.3", kubetest.RealNodes, kubetest.Passed)
	for name, order := range map[string][2]kubetest.Result{
		"failed first": {failed, passed}, "passed first": {passed, failed},
		"simulated after": {failed, result("1.36.3", kubetest.SimulatedNodes, kubetest.Passed)},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKit(t)
			k.found("a/1", order[0])
			k.found("a/2", order[1])
			_ = k.refused([]string{want}, starting(k.trust), func(o *indexer.Options) { o.Evidence = []fs.FS{os.DirFS(filepath.Join(k.dir, "a"))} })
		})
	}
	k := newKit(t)
	k.publish(starting(k.trust), k.found("a", failed), k.found("b", passed)) // a second run, in a folder that is named after the first
	is(t, strings.Join(k.results(), ","), "1.36.3 real PASSED")
}

// TestSubjects: only those that lack evidence of the server's minor are chosen, and a Kube
// is upgraded from the newest published release below it.
func TestSubjects(t *testing.T) {
	k := newKit(t)
	k.kube("horse", "1.0.0")
	k.publish(starting(k.trust), k.found("a", result("1.36.3", kubetest.RealNodes, kubetest.Passed)))
	previous := k.maintain()
	var at fs.FS
	names := func(server string) string {
		subjects, err := previous.Subjects(context.Background(), kubetest.Selection{
			Packages: os.DirFS(k.packages), Untested: true, Evidence: at, Server: server,
		})
		if err != nil {
			t.Fatal(err)
		}
		var list []string
		for _, s := range subjects {
			list = append(list, s.Name)
		}
		return strings.Join(list, ",")
	}
	is(t, names("1.36"), "horse")
	is(t, names("1.37"), "horse,pony")
	is(t, names("1.3"), "horse,pony")
	k.publish(k.found("b", result("1.36.4", kubetest.RealNodes, kubetest.Failed)))
	is(t, names("1.36"), "horse,pony") // what failed is tested again
	at = os.DirFS(filepath.Join(k.dir, "c"))
	k.found("c", result("1.36.4", kubetest.RealNodes, kubetest.Passed))
	is(t, names("1.36"), "horse")
	k.found("c", result("1.36.5", kubetest.RealNodes, kubetest.Failed))
	is(t, names("1.36"), "horse,pony")
	at = nil
	k.kube("pony", "1.1.0")
	is(t, names("1.36"), "horse,pony")

	subjects, err := previous.Subjects(context.Background(), kubetest.Selection{Packages: os.DirFS(k.packages), Names: []string{"pony"}, Dir: t.TempDir()})
	if err != nil || len(subjects) != 1 || subjects[0].Previous == nil || subjects[0].Previous.Version != "1.0.0" {
		t.Fatalf("%+v %v", subjects, err)
	}
	for _, at := range []string{subjects[0].Archive, subjects[0].Previous.Path} {
		if _, err := os.Stat(at); err != nil {
			t.Error(err)
		}
	}
	_, err = previous.Subjects(context.Background(), kubetest.Selection{Packages: os.DirFS(k.packages), Names: []string{"ponny"}})
	contains(t, err.Error(), `no Kube "ponny"`)
}

func is(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestSubjectsAlone: what is there once in a cluster is tested alone, be it of the Kube, of
// what it needs, or of the release before it.
func TestSubjectsAlone(t *testing.T) {
	k := newKit(t)
	object := func(name, text string) {
		k.kube(name, "1.0.0")
		k.write("packages/"+name+"/manifests/more.yaml", text)
	}
	k.kube("plain", "1.0.0")
	object("role", "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r}\nrules: []\n")
	object("elsewhere", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: kube-system}\n")
	object("port", "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {type: NodePort, selector: {a: b}, ports: [{port: 80, nodePort: 30080}]}\n")
	object("headless", "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {clusterIP: None, selector: {a: b}, ports: [{port: 80}]}\n")
	object("former", "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: f}\nrules: []\n")
	k.needing("needs", "role")
	k.needing("needs-that", "needs")
	k.needing("needs-plain", "plain")
	k.publish(starting(k.trust))
	k.kube("former", "1.1.0")
	k.remove("packages/former/manifests/more.yaml")
	previous := k.maintain()
	subjects, err := previous.Subjects(context.Background(), kubetest.Selection{Packages: os.DirFS(k.packages), Path: "packages", Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	var alone []string
	for _, s := range subjects {
		if s.Refused != nil {
			t.Errorf("%s is refused: %s", s.Name, s.Refused.Why)
		}
		if s.Alone {
			alone = append(alone, s.Name)
		}
	}
	is(t, strings.Join(alone, " "), "elsewhere former needs needs-that port role")
}

// TestSubjectsRefused: a Kube that is at fault, or that needs what is not there, has
// failed with its reason; the others are to be proven.
func TestSubjectsRefused(t *testing.T) {
	k := newKit(t)
	k.needing("a", "nowhere ^1")
	k.needing("b", "pony", "pony-too ^7")
	k.kube("pony-too", "1.0.0")
	k.needing("c", "d")
	k.needing("d", "c ^1")
	k.needing("e", "pony-too", "f")
	k.needing("f", "pony-too <1")
	k.kube("g", "1.0.0")
	k.write("packages/g/manifests/config.yaml", "apiVersion: v1\n")
	k.write("packages/h/releases.yaml", "yankd: {}\n")
	subjects, err := (*indexer.MaintainOptions)(nil).Subjects(context.Background(), kubetest.Selection{Packages: os.DirFS(k.packages), Path: "packages", Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, s := range subjects {
		if got[s.Name] = ""; s.Refused != nil {
			got[s.Name] = s.Refused.Name + ": " + s.Refused.Why
		}
	}
	want := map[string]string{
		"a":    "needs: a needs nowhere ^1, and the packages folder has no such Kube",
		"b":    "needs: b needs pony-too ^7, and there is only 1.0.0",
		"c":    "needs: d needs c ^1, and that is a cycle: c needs d needs c",
		"d":    "needs: c needs d, and that is a cycle: d needs c needs d",
		"e":    "needs: f needs pony-too <1, and 1.0.0 is what another one takes",
		"f":    "needs: f needs pony-too <1, and there is only 1.0.0",
		"g":    "lint: packages/g/manifests/config.yaml:1: kind is missing, and 1 more",
		"h":    "lint: packages/h/K3.yaml: is missing, and 2 more",
		"pony": "", "pony-too": "",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("subjects (-want +got):\n%s", diff)
	}
}
