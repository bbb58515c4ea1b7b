package cluster

import (
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	. "github.com/kpm-sh/kpm/internal/cluster/plan"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
)

// mugs is a CRD whose objects are converted by CLIENT.
const mugs = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: mugs.NS.example.com}
spec:
  group: NS.example.com
  scope: Namespaced
  names: {kind: Mug, plural: mugs}
  conversion: {strategy: Webhook, webhook: {conversionReviewVersions: [v1], clientConfig: CLIENT}}
  versions:
  - {name: v1, served: true, storage: STORED1, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
  - {name: v2, served: true, storage: STORED2, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
---
`

// stored gives mugs with its objects stored in a version.
func stored(version, client string) string {
	return strings.NewReplacer("CLIENT", client, "STORED1", jsonBool(version == "v1"), "STORED2", jsonBool(version == "v2")).Replace(mugs)
}

func jsonBool(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

// converter is a conversion webhook at an address, which does not answer before it is
// started. It changes nothing but apiVersion.
type converter struct {
	t       *testing.T
	address string
	server  *httptest.Server
}

func newConverter(t *testing.T) *converter {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &converter{t: t, address: l.Addr().String()}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return c
}

// client is how a CRD names it.
func (c *converter) client() string {
	first := httptest.NewTLSServer(nil) // they all have the same certificate
	defer first.Close()
	ca := base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: first.Certificate().Raw}))
	return `{url: "https://` + c.address + `/convert", caBundle: "` + strings.ReplaceAll(ca, "N", `\x4e`) + `"}` // NS is a word of its own
}

func (c *converter) start() {
	c.t.Helper()
	l, err := net.Listen("tcp", c.address)
	if err != nil {
		c.t.Fatal(err)
	}
	c.server = httptest.NewUnstartedServer(http.HandlerFunc(convert))
	c.server.Listener = l
	c.server.StartTLS()
	c.t.Cleanup(c.server.Close)
}

func convert(w http.ResponseWriter, r *http.Request) {
	var review map[string]any
	if err := json.NewDecoder(r.Body).Decode(&review); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	asked := object.Map(review, "request")
	objects := object.List(asked, "objects")
	for _, o := range objects {
		o["apiVersion"] = asked["desiredAPIVersion"]
	}
	delete(review, "request")
	review["response"] = map[string]any{"uid": asked["uid"], "result": map[string]any{"status": "Success"}, "convertedObjects": objects}
	_ = json.NewEncoder(w).Encode(review)
}

const (
	mug     = "apiVersion: NS.example.com/v2\nkind: Mug\nmetadata: {name: one}\nspec: {size: 1}\n"
	ingress = "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: beside}\nspec: {defaultBackend: {service: {name: a, port: {number: 80}}}}\n"
)

// free takes the CRD of the mugs out of the way, whatever became of the test.
func (p place) free() {
	path := "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/mugs." + p.id.Namespace + ".example.com"
	p.t.Cleanup(func() { erase(p.t, p.Cluster, path) })
}

// TestServerConverter installs a definition, what converts its objects, and one of
// them that has to be converted.
func TestServerConverter(t *testing.T) {
	p := somewhere(t)
	p.free()
	c := newConverter(t)
	all := stored("v1", c.client()) + mug + operator + ingress

	// It does not come: what was waited for is said, and everything else is there.
	s := p.begin(p.plan(all, Request{}))
	s.Patience(2*time.Second, nil)
	err := s.Apply(t.Context(), nil)
	var late *ready.Error
	if !errors.As(err, &late) || !errors.Is(err, api.ErrTimeout) || !strings.Contains(err.Error(), "Mug "+p.id.Namespace+"/one is not ready: its versions are converted by https://"+c.address+"/convert, which does not answer yet") {
		t.Errorf("got %v", err)
	}
	if err := s.Finish(t.Context(), err); err != nil {
		t.Fatal(err)
	}
	if p.live("apps/v1 Deployment op") == nil || p.live("networking.k8s.io/v1 Ingress beside") == nil {
		t.Error("something that need not wait was not applied")
	}

	// It comes while it is waited for.
	plan := p.plan(all, Request{})
	if err := plan.Err(); err != nil {
		t.Fatal(err)
	}
	s = p.begin(plan)
	started := false
	s.Patience(time.Minute, func(w ready.Waiting) {
		if w.Kind == "Mug" && w.Why != "" && !started {
			started = true
			c.start()
		}
	})
	err = s.Apply(t.Context(), nil)
	if err := errors.Join(err, s.Finish(t.Context(), err)); err != nil || !started {
		t.Fatalf("started: %v; %v", started, err)
	}
	if live := p.live(p.id.Namespace + ".example.com/v2 Mug one"); p.id.OwnerOf(live) != api.Ours {
		t.Errorf("the mug is %v", live)
	}
	if again := p.plan(all, Request{}); !again.Idle() {
		t.Errorf("a second plan is not empty:\n%s", summary(again))
	}

	// It is away: the object is known by the version that is stored, and goes.
	c.server.Close()
	if plan := p.plan(strings.Replace(all, "size: 1", "size: 2", 1), Request{}); plan.Err() != nil || !strings.Contains(summary(plan), "changed Mug one offline") {
		t.Errorf("without it: %v, of\n%s", plan.Err(), summary(plan))
	}
	gone := p.uninstall(Request{Purge: true})
	if err := p.WaitGone(t.Context(), gone.Deleted(), time.Minute); err != nil {
		t.Error(err)
	}
}

// TestServerConverterOfOthers has a webhook that the plan does not bring: nobody
// waits for it.
func TestServerConverterOfOthers(t *testing.T) {
	p := somewhere(t)
	p.free()
	err := p.carry(p.plan(stored("v1", "{service: {namespace: NS, name: nobody}}")+mug+operator, Request{}), "install")
	if err == nil || errors.Is(err, api.ErrTimeout) || !strings.Contains(err.Error(), "conversion webhook for") {
		t.Errorf("got %v", err)
	}
	if p.live("apps/v1 Deployment op") != nil {
		t.Error("other stages were applied")
	}
}

// TestServerHalfConverted uninstalls what an upgrade has left half-way: a definition
// with a webhook behind which nobody answers, and objects that are stored as before,
// one of them with a finalizer and one of somebody else's.
func TestServerHalfConverted(t *testing.T) {
	service := "---\napiVersion: v1\nkind: Service\nmetadata: {name: conv}\nspec: {selector: {app: op}, ports: [{port: 443}]}\n"
	before := strings.Replace(stored("v1", "{}"), "conversion: {strategy: Webhook, webhook: {conversionReviewVersions: [v1], clientConfig: {}}}", "conversion: {strategy: None}", 1)
	for _, purge := range []bool{false, true} {
		p := somewhere(t)
		p.free()
		other := newNamespace(t, p.Cluster)
		v1 := strings.NewReplacer("v2", "v1", "name: one", "name: one, finalizers: [example.com/wash]").Replace(mug)
		p.install(before+v1+operator, Request{})
		p.Reset()
		p.stranger(strings.NewReplacer("v2", "v1", "name: one", "name: two, namespace: "+other).Replace(mug))

		plan := p.plan(stored("v2", "{service: {namespace: NS, name: conv}}")+mug+operator+service, Request{Upgrade: true})
		s := p.begin(plan)
		s.Patience(2*time.Second, nil)
		err := s.Apply(t.Context(), nil)
		if !errors.Is(err, api.ErrTimeout) || !strings.Contains(err.Error(), "are converted by Service "+p.id.Namespace+"/conv") {
			t.Fatalf("got %v, of\n%s", err, summary(plan))
		}
		if err := s.Finish(t.Context(), err); err != nil {
			t.Fatal(err)
		}

		s, _ = p.removing(Request{Purge: purge}, time.Minute, func(w ready.Waiting) {
			if w.Kind == "Mug" && w.Why != "" {
				p.release("/apis/" + p.id.Namespace + ".example.com/v2/namespaces/" + p.id.Namespace + "/mugs/one")
			}
		})
		err = s.Apply(t.Context(), nil)
		if err == nil {
			err = s.Gone(t.Context())
		}
		if err := errors.Join(err, s.Finish(t.Context(), err)); err != nil {
			t.Errorf("purge %v: %v", purge, err)
		}
		if purge {
			continue
		}
		p.Reset()
		if strategy := object.Text(p.live("apiextensions.k8s.io/v1 CustomResourceDefinition mugs."+p.id.Namespace+".example.com"), "spec", "conversion", "strategy"); strategy != "None" {
			t.Errorf("the definition that stayed converts by %s", strategy)
		}
		erase(t, p.Cluster, "/api/v1/namespaces/"+other)
		if err := p.WaitGone(t.Context(), []api.Ref{{APIVersion: "v1", Kind: "Namespace", Name: other}}, time.Minute); err != nil {
			t.Errorf("a namespace cannot be deleted: %v", err)
		}

		// The same Kube comes again, with its webhook.
		again := p.plan(stored("v2", "{service: {namespace: NS, name: conv}}")+operator+service, Request{})
		if err := again.Err(); err != nil || !strings.Contains(summary(again), "changed CustomResourceDefinition") {
			t.Errorf("installed again: %v, of\n%s", err, summary(again))
		}
	}
}
