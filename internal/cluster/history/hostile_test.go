package history

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/clustertest"
)

// fakeStore is a Store on an API server in memory, and the installation web/web there.
type fakeStore struct {
	*Store
	*clustertest.Server
	t  *testing.T
	id api.Installation
}

func fake(t *testing.T) *fakeStore {
	t.Helper()
	f := &fakeStore{Server: clustertest.New(t), t: t, id: api.Installation{Namespace: "web", Name: "web"}}
	c, err := api.Connect(t.Context(), api.Options{Config: f.Kubeconfig(), Salt: []byte("salt")})
	if err != nil {
		t.Fatal(err)
	}
	f.Store = NewStore(c)
	f.Beat = time.Hour
	return f
}

func marshal(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// forge writes a revision as somebody may who writes Secrets in the namespace: text
// is its record.
func (f *fakeStore) forge(number int, status Status, text string) {
	f.t.Helper()
	data := zipped(f.t, text)
	r := Revision{Installation: f.id, Number: number, Status: status, Action: "install", Version: "1.0.0", parts: 1, digest: digestOf(data)}
	f.Put(fmt.Sprintf(`{"apiVersion":"v1","kind":"Secret","type":%q,"metadata":%s,"data":{%q:%q}}`,
		api.RecordType, marshal(f.t, r.metadata()), recordKey, base64.StdEncoding.EncodeToString(data)))
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
