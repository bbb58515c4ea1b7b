package cluster

import (
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/cluster/api"
)

// forge writes a revision as somebody may who writes Secrets in the namespace: text
// is its record.
func (f *fakeServer) forge(number int, status Status, text string) {
	f.t.Helper()
	data := zipped(f.t, text)
	r := Revision{Installation: f.id, Number: number, Status: status, Action: "install", Version: "1.0.0", parts: 1, digest: digestOf(data)}
	f.Put(fmt.Sprintf(`{"apiVersion":"v1","kind":"Secret","type":%q,"metadata":%s,"data":{%q:%q}}`,
		recordType, marshal(f.t, r.metadata()), recordKey, base64.StdEncoding.EncodeToString(data)))
}

// Of records that unpack to gigabytes no more is held than is wanted.
func TestBombs(t *testing.T) {
	for name, text := range map[string]string{
		"manifests":    `{"schema":"` + Schema + `","inventory":[],"manifests":[` + strings.Repeat("{},", 5_000_000) + `{}]}`,
		"inventory":    `{"schema":"` + Schema + `","inventory":[` + strings.Repeat(`{"apiVersion":"v1","kind":"Pod","name":"a"},`, 300_000) + `{"apiVersion":"v1","kind":"Pod","name":"a"}]}`,
		"dependencies": `{"schema":"` + Schema + `","inventory":[],"dependencies":[` + strings.Repeat("{},", 5_000_000) + `{}]}`,
		"hook files":   `{"schema":"` + Schema + `","inventory":[],"hookFiles":{` + many(1_000_000) + `}}`,
		"overrides":    `{"schema":"` + Schema + `","inventory":[],"overrides":[` + strings.Repeat("[],", 5_000_000) + `[]]}`,
	} {
		t.Run(name, func(t *testing.T) {
			f := fake(t)
			for number := range 2 {
				f.forge(number+1, Failed, text)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			s, err := f.State(t.Context(), f.id)
			runtime.ReadMemStats(&after)
			if err != nil {
				t.Fatal(err)
			}
			if got := (after.TotalAlloc - before.TotalAlloc) >> 20; got > 400 {
				t.Errorf("%d MiB were allocated", got)
			}
			if len(s.Inventory) > maxItems {
				t.Errorf("%d items", len(s.Inventory))
			}
		})
	}
	f := fake(t)
	f.forge(1, Installed, `{"schema":"`+Schema+`","inventory":[],"manifests":[`+strings.Repeat("{},", 5_000_000)+`{}]}`)
	if s, err := f.State(t.Context(), f.id); err != nil || !errors.Is(s.Err, api.ErrDamaged) || !strings.Contains(s.Err.Error(), "50000 items") {
		t.Errorf("an installed one: %v, %v", s.Err, err)
	}
}

func many(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"%d":"",`, i)
	}
	return strings.TrimSuffix(b.String(), ",")
}

// However many attempts came after it, what is installed is read, and no more than
// ten records are.
func TestReadable(t *testing.T) {
	f := fake(t)
	f.forge(1, Installed, `{"schema":"`+Schema+`","version":"1.0.0","inventory":[{"apiVersion":"v1","kind":"Pod","namespace":"web","name":"a","uid":"u"}]}`)
	for number := range 20 {
		f.forge(number+2, Interrupted, `{"schema":"`+Schema+`","inventory":[]}`)
	}
	s, err := f.State(t.Context(), f.id)
	if err != nil || s.Current == nil || s.Current.Version != "1.0.0" || len(s.Tried) != maxRevisions-1 || len(s.Inventory) != 1 {
		t.Errorf("state is %+v, %v", s, err)
	}
}

// What lies where the next revision would is looked at before it counts as somebody
// else's work.
func TestNameInTheWay(t *testing.T) {
	f := fake(t)
	f.install("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}")
	f.Put(`{"apiVersion":"v1","kind":"Secret","type":"Opaque","metadata":{"namespace":"web","name":"kpm.web.v2","labels":{"kpm.sh/installation":"resv","kpm.sh/namespace":"b"}}}`)
	plan := f.plan("{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}", Request{})
	err := f.carry(plan, Record{Action: "install"})
	want := "Secret web/kpm.web.v2 lies where revision 2 would: it is of type Opaque and no revision, and belongs to resv in namespace b"
	if !errors.Is(err, api.ErrConflict) || errors.Is(err, api.ErrStale) || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v", err)
	}
	f = fake(t)
	plan = f.plan("{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}", Request{})
	f.install("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}")
	if err := f.carry(plan, Record{Action: "install"}); !errors.Is(err, api.ErrStale) {
		t.Errorf("somebody was faster: got %v", err)
	}
	f = fake(t)
	f.forge(maxRevision, Failed, `{"schema":"`+Schema+`","inventory":[]}`)
	plan = f.plan("{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}", Request{})
	if err := f.carry(plan, Record{Action: "install"}); !errors.Is(err, api.ErrConflict) || !strings.Contains(err.Error(), "kpm.web.v999999999 is forged") {
		t.Errorf("no number is left: got %v", err)
	}
}

// A Kube cannot take a name that revisions have, whatever it says of the type.
func TestReservedNames(t *testing.T) {
	f := fake(t)
	for name, refused := range map[string]bool{
		"kpm.hello.v2": true, "kpm.hello.v2.01234567.p1": true, "kpm.hello.v": false, "kpm.hello.v2x": false, "kpm.hello": false, "xkpm.hello.v2": false,
	} {
		plan := f.plan("{apiVersion: v1, kind: Secret, metadata: {name: "+name+"}}", Request{})
		if (plan.Err() != nil) != refused {
			t.Errorf("%s: %v", name, plan.Err())
		}
	}
	if err := f.plan("{apiVersion: v1, kind: ConfigMap, metadata: {name: kpm.hello.v2}}", Request{}).Err(); err != nil {
		t.Errorf("a ConfigMap: %v", err)
	}
}

// Whatever a forged version says, the label that it becomes is one.
func TestLabelFormOfForged(t *testing.T) {
	for version, want := range map[string]string{
		"1.2.3+a": "1.2.3_a", "a b\nc": "a_b_c", "": "", "é": "", "-x-": "x", strings.Repeat("a", 70): strings.Repeat("a", 63), "1 ; rm": "1___rm", "..": "",
	} {
		if got := labelForm(version); got != want {
			t.Errorf("%q: got %q, want %q", version, got, want)
		}
	}
}

// Of what carries the labels of a test, an uninstall deletes what kpm has made, and
// says so in its plan.
func TestTestsOfAnUninstall(t *testing.T) {
	f := fake(t)
	labels := `"labels":{"kpm.sh/installation":"web","kpm.sh/namespace":"web","kpm.sh/test":"true"}`
	f.Put(`{"apiVersion":"v1","kind":"Pod","metadata":{"namespace":"web","name":"victim",` + labels + `}}`)
	f.Put(`{"apiVersion":"v1","kind":"Pod","metadata":{"namespace":"web","name":"later",` + labels + `,"managedFields":[{"manager":"kpm:web/web","operation":"Apply","time":"2038-01-01T00:00:00Z"}]}}`)
	f.install("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}")
	test, err := f.Plan(t.Context(), objectsOf(t, "{apiVersion: batch/v1, kind: Job, metadata: {name: probe, labels: {kpm.sh/test: 'true'}}}"), Request{Installation: f.id})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Apply(t.Context(), test, nil); err != nil {
		t.Fatal(err)
	}
	state, err := f.State(t.Context(), f.id)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := f.PlanUninstall(t.Context(), Request{Installation: f.id, State: state})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, ref := range plan.Deleted() {
		names = append(names, ref.Name)
	}
	if slices.Sort(names); !slices.Equal(names, []string{"a", "probe"}) {
		t.Errorf("deletes %v", names)
	}
	if err := f.carry(plan, Record{Action: "uninstall"}); err != nil {
		t.Fatal(err)
	}
	if f.Live("/api/v1/namespaces/web/pods/victim") == nil || f.Live("/api/v1/namespaces/web/pods/later") == nil {
		t.Error("what somebody else made is gone")
	}
	if f.Live("/apis/batch/v1/namespaces/web/jobs/probe") != nil || f.Live("/api/v1/namespaces/web/configmaps/a") != nil {
		t.Error("what kpm made is there")
	}
}
