package cluster

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"math/rand"
	"net/http"
	"runtime"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	. "github.com/kpm-sh/kpm/internal/cluster/plan"
)

// forge writes a record as somebody who may write Secrets in the namespace.
func (p place) forge(number int, stored []byte) { p.forgeAs(number, history.Installed, stored) }

func (p place) forgeAs(number int, status history.Status, stored []byte) {
	p.t.Helper()
	_, err := p.Do(p.t.Context(), api.Request{Method: http.MethodPost, Path: core(p, "secrets"), Body: forgedFrom(p.id, number, status, stored)})
	if err != nil {
		p.t.Fatal(err)
	}
}

// TestServerForgedInventory has a record name objects that are not ours, with
// their right UIDs, and one of ours with another's UID.
func TestServerForgedInventory(t *testing.T) {
	p, victim := somewhere(t), somewhere(t)
	victim.stranger(settings)
	p.install(settings, Request{})
	other := victim
	other.id.Name = "theirs"
	other.install(strings.Replace(settings, "settings", "theirs", 1), Request{})
	uid := func(o map[string]any) string { return object.Text(o, "metadata", "uid") }
	item := func(p place, name, uid string) api.Item {
		return api.Item{Ref: api.Ref{APIVersion: "v1", Kind: "ConfigMap", Namespace: p.id.Namespace, Name: name}, UID: uid}
	}
	stored := zipped(marshal(t, history.Record{Schema: history.Schema, Inventory: []api.Item{
		item(victim, "settings", uid(victim.live("v1 ConfigMap settings"))),
		item(victim, "theirs", uid(victim.live("v1 ConfigMap theirs"))),
		item(p, "settings", uid(victim.live("v1 ConfigMap settings"))),
		{Ref: api.Ref{APIVersion: "v1", Kind: "Namespace", Name: "kube-system"}, UID: uid(p.live("v1 Namespace kube-system"))},
		{Ref: api.Ref{APIVersion: "example.com/v1", Kind: "Unknown", Namespace: "x", Name: "x"}, UID: "1"},
	}}))
	p.forge(2, stored)
	for name, plan := range map[string]*Plan{"uninstall": p.uninstallPlan(), "upgrade": p.plan("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: new}\n", Request{Upgrade: true, Purge: true})} {
		if n := plan.Count(Removed); n > 0 || plan.Count(Kept) != 4 {
			t.Errorf("%s:\n%s", name, summary(plan))
		}
		if err := p.Apply(t.Context(), plan, nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, o := range []map[string]any{victim.live("v1 ConfigMap settings"), victim.live("v1 ConfigMap theirs"), p.live("v1 ConfigMap settings"), p.live("v1 Namespace kube-system")} {
		if o == nil || object.Text(o, "metadata", "deletionTimestamp") != "" {
			t.Errorf("deleted: %v", o)
		}
	}
}

func (p place) uninstallPlan() *Plan {
	p.t.Helper()
	plan, err := p.PlanUninstall(p.t.Context(), p.asRecorded(Request{Installation: p.id, Purge: true}, p.state()))
	if err != nil {
		p.t.Fatal(err)
	}
	return plan
}

// TestServerDamagedRecords has records that cannot be read. List and State still
// answer, and a new install heals.
func TestServerDamagedRecords(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	zeros := make([]byte, 1<<20)
	for range 64 {
		if _, err := z.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for name, stored := range map[string][]byte{"bomb": bomb.Bytes(), "no gzip": []byte("{}"), "empty": nil} {
		t.Run(name, func(t *testing.T) {
			p := somewhere(t)
			p.forge(7, stored)
			s := p.state()
			if s.Current != nil || !errors.Is(s.Err, api.ErrDamaged) || s.Newest() != 7 {
				t.Errorf("state is %+v", s)
			}
			found, err := p.history.List(t.Context(), p.id.Namespace)
			if err != nil || len(found) != 1 || found[0].Installed.Version != "9.9.9" {
				t.Errorf("list is %+v, %v", found, err)
			}
			p.install(settings, Request{})
			if s := p.state(); s.Err != nil || s.Newest() != 8 || len(s.Inventory) != 1 {
				t.Errorf("afterwards the state is %+v", s)
			}
		})
	}
}

// TestServerBombs has as many revisions as an attacker likes, each of which unpacks to
// five million objects: a few megabytes of them are read, and kpm goes on.
func TestServerBombs(t *testing.T) {
	manifests := zipped(`{"schema":"` + history.Schema + `","inventory":[],"manifests":[` + strings.Repeat("{},", 5_000_000) + `{}]}`)
	inventory := zipped(`{"schema":"` + history.Schema + `","inventory":[` + strings.Repeat(`{"apiVersion":"v1","kind":"Pod","name":"a"},`, 300_000) + `{"apiVersion":"v1","kind":"Pod","name":"a"}]}`)
	p := somewhere(t)
	p.install(settings, Request{})
	for number := range 2 * kept {
		stored := manifests
		if number%2 == 0 {
			stored = inventory
		}
		p.forgeAs(number+2, history.Failed, stored)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s := p.state()
	runtime.ReadMemStats(&after)
	if got := (after.TotalAlloc - before.TotalAlloc) >> 20; got > 400 {
		t.Errorf("%d MiB were allocated", got)
	}
	if s.Newest() != 2*kept+1 || len(s.Revisions) != 2*kept+1 || len(s.Inventory) > 50_000 {
		t.Errorf("revision %d of %d, %d items", s.Newest(), len(s.Revisions), len(s.Inventory))
	}
	p.install(settings, Request{})
	if s := p.state(); s.Err != nil || s.Newest() != 2*kept+2 || len(s.Revisions) > kept || len(s.Inventory) != 1 {
		t.Errorf("afterwards: revision %d of %d, %d items, %v", s.Newest(), len(s.Revisions), len(s.Inventory), s.Err)
	}
	p.uninstall(Request{})
	if n := p.count(api.RecordType); n != 0 {
		t.Errorf("%d revisions are left", n)
	}
}

// TestServerNameInTheWay has somebody take the name of the next revision: kpm says what
// lies there, changes nothing, and goes on when it is gone. A revision that somebody
// else began is another thing.
func TestServerNameInTheWay(t *testing.T) {
	p := somewhere(t)
	p.install(settings, Request{})
	p.stranger("apiVersion: v1\nkind: Secret\nmetadata: {name: kpm.web.v2, labels: {kpm.sh/installation: resv, kpm.sh/namespace: b}}\n")
	more := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\n"
	err := p.carry(p.plan(more, Request{}), "upgrade")
	want := "Secret " + p.id.Namespace + "/kpm.web.v2 lies where revision 2 would: it is of type Opaque and no revision, and belongs to resv in namespace b"
	if !errors.Is(err, api.ErrConflict) || errors.Is(err, api.ErrStale) || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v", err)
	}
	if p.live("v1 ConfigMap more") != nil || p.live("v1 ConfigMap settings") == nil {
		t.Error("something was changed")
	}
	erase(t, p.Cluster, core(p, "secrets/kpm.web.v2"))
	late := p.plan(more, Request{})
	p.install(more, Request{})
	if err := p.carry(late, "upgrade"); !errors.Is(err, api.ErrStale) {
		t.Errorf("somebody was faster: got %v", err)
	}
}

// TestServerRecords keeps the last revisions, splits what is large, and lists
// without reading one.
func TestServerRecords(t *testing.T) {
	p := somewhere(t)
	files := map[string][]byte{"manifests/a.yaml": make([]byte, 2_500_000)}
	if _, err := rand.New(rand.NewSource(1)).Read(files["manifests/a.yaml"]); err != nil { //nolint:staticcheck // only to be incompressible
		t.Fatal(err)
	}
	for n := range kept + 2 {
		plan := p.plan(strings.Replace(settings, "a: b", fmt.Sprintf("a: v%d", n), 1), Request{})
		record := history.Record{Action: "upgrade", Version: "1.0.0-a-+b", Repository: "main", Edited: true, Overrides: []byte(`{"a":1}`)}
		if n > 5 && n%5 == 1 {
			record.HookFiles = files
		}
		s, err := p.Begin(t.Context(), plan, record, p.here)
		if err != nil {
			t.Fatal(err)
		}
		outcome := s.Apply(t.Context(), nil)
		if err := errors.Join(outcome, s.Finish(t.Context(), outcome)); err != nil {
			t.Fatal(err)
		}
	}
	s := p.state()
	if len(s.Revisions) != kept || s.Newest() != kept+2 || s.Revisions[kept-1].Number != 3 {
		t.Errorf("%d revisions, the newest is %d", len(s.Revisions), s.Newest())
	}
	big, err := p.history.Record(t.Context(), s.Revisions[kept+2-12])
	if err != nil || !bytes.Equal(big.HookFiles["manifests/a.yaml"], files["manifests/a.yaml"]) {
		t.Errorf("the large record: %v", err)
	}
	if got := p.count(api.PartType); got < 2*2 { // revisions 7 and 12, at least two more parts each
		t.Errorf("%d parts are left", got)
	}
	if r := s.Installed(); r.Version != "1.0.0-a-+b" || r.Repository != "main" || !r.Edited || r.Finished.IsZero() {
		t.Errorf("the newest is %+v", r)
	}
	if got := string(s.Current.Overrides); got != `{"a":1}` {
		t.Errorf("overrides are %s", got)
	}

	spy := &acceptSpy{RoundTripper: p.via.RoundTripper}
	p.via.RoundTripper = spy
	if found, err := p.history.List(t.Context(), ""); err != nil || len(found) == 0 {
		t.Errorf("list: %v, %v", found, err)
	}
	for _, accept := range spy.accepts {
		if !strings.Contains(accept, "PartialObjectMetadataList") {
			t.Errorf("list asks for %s", accept)
		}
	}
	p.via.RoundTripper = spy.RoundTripper

	p.uninstall(Request{})
	if got := p.count(api.RecordType) + p.count(api.PartType); got != 0 {
		t.Errorf("%d Secrets are left", got)
	}
}

func (p place) count(secretType string) int {
	p.t.Helper()
	page, err := p.ListMetadata(p.t.Context(), api.Secrets, p.id.Namespace, metav1.ListOptions{FieldSelector: "type=" + secretType})
	if err != nil {
		p.t.Fatal(err)
	}
	return len(page.Items)
}

type acceptSpy struct {
	http.RoundTripper
	accepts []string
}

func (s *acceptSpy) RoundTrip(r *http.Request) (*http.Response, error) {
	s.accepts = append(s.accepts, r.Header.Get("Accept"))
	return s.RoundTripper.RoundTrip(r)
}

// TestServerSecretsElsewhere keeps no copy of a Secret of another namespace, and
// no record in what a Kube brings.
func TestServerSecretsElsewhere(t *testing.T) {
	p, q := somewhere(t), somewhere(t)
	p.install("apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: "+q.id.Namespace+"}\nstringData: {k: canary-value}\n", Request{})
	got := marshal(t, p.state().Current.Manifests)
	if strings.Contains(got, `"data"`) || !strings.Contains(got, q.id.Namespace) {
		t.Errorf("the record has %s", got)
	}
	plan := p.plan("apiVersion: v1\nkind: Secret\nmetadata: {name: kpm.web.v9}\ntype: "+api.RecordType+"\n", Request{})
	if plan.Err() == nil {
		t.Error("a Kube may bring records")
	}
}
