package main

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

// Five releases of an operator are upgraded in place, and taken back again. What
// somebody has made with the first one is there after each step, the same objects
// with the same fields.
func TestE2EUpgradeChain(t *testing.T) {
	controlPlane(t)
	p := newPublisher(t)
	p.publish(t, "upgrade-chain/01")
	g := newGuest(t, p.home(t))
	if r := g.install(t, "cloudnative-pg"); r.Error != "" {
		t.Fatal(r.Error)
	}
	db := database{guest: g}
	db.make(t)
	db.step(t, "install", "cloudnative-pg", "-y", "--allow-cluster-scoped") // brings the webhooks back
	for step := 2; step <= 5; step++ {
		p.publish(t, fmt.Sprintf("upgrade-chain/%02d", step))
		g.must(t, "update")
		db.step(t, "upgrade", "cloudnative-pg", "-y", "--allow-cluster-scoped")
	}
	for revision := 5; revision >= 2; revision-- {
		db.step(t, "rollback", "cloudnative-pg", strconv.Itoa(revision), "-y")
	}
	if out := g.must(t, "list"); !strings.Contains(out, " 1.15.0 ") {
		t.Errorf("after the last rollback: %s", out)
	}
	g.leave(t, "cloudnative-pg")
}

// database is what a user of cloudnative-pg has made, in the guest's namespace.
type database struct {
	guest
	uids map[string]string // by the plural of the kind
}

// custom is an object of the operator.
type custom struct {
	APIVersion string            `json:"apiVersion"`
	Kind       string            `json:"kind"`
	Metadata   map[string]string `json:"metadata"`
	Spec       map[string]any    `json:"spec"`
}

// wanted are the objects, by the plural of their kind.
func (d *database) wanted() map[string]custom {
	cluster := map[string]any{"name": "mine"}
	return map[string]custom{
		"clusters":         {Kind: "Cluster", Spec: map[string]any{"instances": 3.0, "storage": map[string]any{"size": "1Gi"}}},
		"backups":          {Kind: "Backup", Spec: map[string]any{"cluster": cluster}},
		"poolers":          {Kind: "Pooler", Spec: map[string]any{"cluster": cluster, "type": "rw", "pgbouncer": map[string]any{"poolMode": "session"}}},
		"scheduledbackups": {Kind: "ScheduledBackup", Spec: map[string]any{"cluster": cluster, "schedule": "0 0 0 * * *"}},
	}
}

func (d *database) path(plural string) string {
	return "/apis/postgresql.cnpg.io/v1/namespaces/" + d.namespace + "/" + plural
}

// make makes the objects while the operator's webhooks are away: no operator runs
// that could answer them.
func (d *database) make(t *testing.T) {
	t.Helper()
	for _, kind := range []string{"mutating", "validating"} {
		path := fmt.Sprintf("/apis/admissionregistration.k8s.io/v1/%swebhookconfigurations/cnpg-%[1]s-webhook-configuration", kind)
		if status := d.api.ask(t, http.MethodDelete, path, nil, nil); status != http.StatusOK {
			t.Fatalf("DELETE %s: %d", path, status)
		}
	}
	for plural, o := range d.wanted() {
		o.APIVersion, o.Metadata = "postgresql.cnpg.io/v1", map[string]string{"name": "mine"}
		var status int
		noticed := func(context.Context) (bool, error) {
			status = d.api.ask(t, http.MethodPost, d.path(plural), o, nil)
			return status == http.StatusCreated, nil
		}
		if err := wait.PollUntilContextTimeout(t.Context(), 50*time.Millisecond, time.Minute, true, noticed); err != nil {
			t.Fatalf("POST %s: %d, %v", d.path(plural), status, err)
		}
	}
	d.uids = map[string]string{}
	for plural := range d.wanted() {
		d.uids[plural] = d.look(t, plural).Metadata.UID
	}
}

func (d *database) look(t *testing.T, plural string) (o struct {
	Metadata struct{ UID string }
	Spec     map[string]any
}) {
	t.Helper()
	if status := d.api.ask(t, http.MethodGet, d.path(plural)+"/mine", nil, &o); status != http.StatusOK {
		t.Errorf("GET %s: %d", d.path(plural), status)
	}
	return o
}

// step runs kpm. Nothing differs afterwards, and the objects are as they were.
func (d *database) step(t *testing.T, args ...string) {
	t.Helper()
	start := time.Now()
	d.must(t, args...)
	t.Logf("kpm %v: ready after %.1f s", args, time.Since(start).Seconds())
	if out := d.must(t, "diff", "cloudnative-pg"); out != "" {
		t.Errorf("kpm %v, then diff: %s", args, out)
	}
	for plural, want := range d.wanted() {
		got := d.look(t, plural)
		if got.Metadata.UID != d.uids[plural] || !holds(got.Spec, want.Spec) {
			t.Errorf("%s: got %+v, want %s with %v", plural, got, d.uids[plural], want.Spec)
		}
	}
}

// holds tells whether all of want is in got, which may have more: a new release
// brings new defaults.
func holds(got, want any) bool {
	fields, ok := want.(map[string]any)
	if !ok {
		return got == want
	}
	have, _ := got.(map[string]any)
	for name, below := range fields {
		if !holds(have[name], below) {
			return false
		}
	}
	return true
}
