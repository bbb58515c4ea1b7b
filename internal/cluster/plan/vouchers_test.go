package plan

import (
	"maps"
	"testing"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
)

// TestVouchers: who is vouched for, by which objects.
func TestVouchers(t *testing.T) {
	i := api.Installation{Namespace: "web", Name: "a"}
	salt := history.NewSalt()
	confirmations := map[*history.Record]string{}
	record := func(number int, digests map[int]string) *history.Record {
		r := &history.Record{Salt: salt}
		confirmations[r] = r.Seal(number, nil, digests)
		return r
	}
	three := record(3, map[int]string{1: "one", 2: "two"})
	own := three.Digests[3]
	four := record(4, map[int]string{2: "two", 3: own}) // it failed
	forged := record(9, map[int]string{1: "evil", 3: own})
	s := history.State{
		Revisions: []history.Revision{{Number: 4, Status: history.Failed}, {Number: 3, Status: history.Installed}, {Number: 2, Status: history.Installed}, {Number: 1, Status: history.Installed}},
		Current:   three, Tried: []*history.Record{four},
	}
	object := func(r *history.Record) map[string]any {
		return map[string]any{"metadata": map[string]any{
			"labels":      map[string]any{api.LabelInstallation: "a", api.LabelNamespace: "web"},
			"annotations": map[string]any{annotationInputs: confirmations[r]},
		}}
	}
	deployment := api.Ref{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "web", Name: "a"}
	job := api.Ref{APIVersion: "batch/v1", Kind: "Job", Namespace: "web", Name: "a"}
	config := api.Ref{APIVersion: "v1", Kind: "ConfigMap", Namespace: "web", Name: "a"}
	type live map[api.Ref]*history.Record
	for name, test := range map[string]struct {
		live    live
		telling bool
		want    map[int]string
	}{
		"all are of the newest":                      {live{deployment: three, job: three}, true, three.Digests},
		"some are of an attempt":                     {live{deployment: three, job: four}, true, map[int]string{2: "two", 3: own}},
		"one is of what is not remembered":           {live{deployment: three, job: forged}, true, nil},
		"one carries nothing":                        {live{deployment: three, job: {}}, true, nil},
		"nothing is there":                           {nil, true, nil},
		"only configuration":                         {live{config: three}, false, three.Digests},
		"only configuration, and workloads come":     {live{config: three}, true, nil},
		"configuration of others beside a workload":  {live{deployment: three, config: forged}, true, three.Digests},
		"configuration of an attempt, and of others": {live{config: forged}, false, nil},
	} {
		v, r := vouchers{by: map[string]bool{}}, Request{Installation: i, Past: Past{Newest: 4, Installed: []int{3, 2, 1}, Digests: s.Sealed()}}
		for ref, record := range test.live {
			v.count(r, ref, object(record), true)
		}
		if got := v.digests(r.Past, test.telling); !maps.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
	if got := s.Vouching(1, &history.Record{Version: "1"}); got != nil {
		t.Errorf("a record with another digest is vouched for by %v", got)
	}
}
