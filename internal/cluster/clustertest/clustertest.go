// Package clustertest is an API server in memory, for tests of those who talk to
// one: for faults and races that a real one does not have at hand. It keeps UIDs and
// resourceVersions, and the preconditions on them; server-side apply lays objects
// over each other and notes the manager. It knows no conflicts of fields, no
// defaults and no validation: what depends on these is tested beside a real one.
package clustertest

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster/object"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	utiljson "k8s.io/apimachinery/pkg/util/json"
)

// Server is an API server in memory.
type Server struct {
	URL string

	t       *testing.T
	before  func(r *http.Request) int
	mu      sync.Mutex
	objects map[string]map[string]any // by path
	count   int                       // of writes: UIDs and resourceVersions
	asked   []string
	denied  []string // resources
}

// resource is what the server calls a kind.
type resource struct {
	Group, Version, Kind string
	Plural               string
	Namespaced           bool
}

var kinds = []resource{
	{Version: "v1", Kind: "Namespace", Plural: "namespaces"},
	{Version: "v1", Kind: "Secret", Plural: "secrets", Namespaced: true},
	{Version: "v1", Kind: "ConfigMap", Plural: "configmaps", Namespaced: true},
	{Version: "v1", Kind: "Service", Plural: "services", Namespaced: true},
	{Version: "v1", Kind: "Pod", Plural: "pods", Namespaced: true},
	{Version: "v1", Kind: "PersistentVolumeClaim", Plural: "persistentvolumeclaims", Namespaced: true},
	{Group: "apps", Version: "v1", Kind: "Deployment", Plural: "deployments", Namespaced: true},
	{Group: "batch", Version: "v1", Kind: "Job", Plural: "jobs", Namespaced: true},
	{Group: "rbac.authorization.k8s.io", Version: "v1", Kind: "ClusterRole", Plural: "clusterroles"},
	{Group: "rbac.authorization.k8s.io", Version: "v1", Kind: "Role", Plural: "roles", Namespaced: true},
	{Group: "rbac.authorization.k8s.io", Version: "v1", Kind: "RoleBinding", Plural: "rolebindings", Namespaced: true},
}

// New starts a server that has the namespace web, and stops it with the test.
func New(t *testing.T) *Server {
	t.Helper()
	s := &Server{t: t, objects: map[string]map[string]any{}}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	s.URL = srv.URL
	s.Put(`{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"web"}}`)
	return s
}

// Kubeconfig is that of a user of the server, in the namespace web.
func (s *Server) Kubeconfig() []byte { return Kubeconfig(s.URL) }

// Put makes an object, given in JSON, and returns its UID.
func (s *Server) Put(text string) string {
	s.t.Helper()
	var o map[string]any
	if err := utiljson.Unmarshal([]byte(text), &o); err != nil {
		s.t.Fatal(err)
	}
	for _, r := range kinds {
		if text := joinVersion(r.Group, r.Version); r.Kind == o["kind"] && text == o["apiVersion"] {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.store(r.path(namespaceOf(o), nameIn(o)), o)
		}
	}
	s.t.Fatalf("the server has no kind %v", o["kind"])
	return ""
}

// store keeps an object as it is now. s.mu is held.
func (s *Server) store(path string, o map[string]any) string {
	s.count++
	meta := object.Ensure(o, "metadata")
	meta["resourceVersion"] = strconv.Itoa(s.count)
	if object.Text(o, "metadata", "uid") == "" {
		meta["uid"] = fmt.Sprintf("uid-%d", s.count)
		meta["creationTimestamp"] = s.clock()
	}
	s.objects[path] = o
	return object.Text(o, "metadata", "uid")
}

// clock is a time that goes on with each write. s.mu is held.
func (s *Server) clock() string {
	return time.Unix(1e9+int64(s.count), 0).UTC().Format(time.RFC3339)
}

// Live is a copy of what lies at a path, nil when there is nothing.
func (s *Server) Live(path string) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, _ := runtime.DeepCopyJSONValue(s.objects[path]).(map[string]any)
	return o
}

// Change edits what lies at a path.
func (s *Server) Change(path string, edit func(o map[string]any)) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := runtime.DeepCopyJSONValue(s.objects[path]).(map[string]any)
	if !ok || o == nil {
		s.t.Fatalf("nothing lies at %s", path)
	}
	edit(o)
	s.store(path, o)
}

// Clear takes all away that is there.
func (s *Server) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.objects)
}

// Writes are the requests so far that may change something, as "PATCH /path?query",
// but not those for Secrets of kpm. They are forgotten then.
func (s *Server) Writes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.asked
	s.asked = nil
	return slices.DeleteFunc(all, func(a string) bool {
		return strings.Contains(a, "/secrets") && (strings.Contains(a, "/kpm.") || strings.HasPrefix(a, "POST"))
	})
}

// ServeHTTP answers as an API server does.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	before := s.before
	s.mu.Unlock()
	if before != nil {
		if status := before(r); status != 0 {
			refuseWith(w, status, "InternalError", "a fault of the test", nil)
			return
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Method != http.MethodGet && r.URL.Query().Get("dryRun") == "" {
		s.asked = append(s.asked, strings.TrimSuffix(r.Method+" "+r.URL.Path+"?"+r.URL.RawQuery, "?"))
	}
	var body map[string]any
	if data, err := io.ReadAll(r.Body); err == nil && len(data) > 0 && utiljson.Unmarshal(data, &body) != nil {
		refuseWith(w, http.StatusBadRequest, "BadRequest", "not JSON", nil)
		return
	}
	switch r.URL.Path {
	case "/version":
		Answer(http.StatusOK, `{"gitVersion":"v1.36.3"}`)(w, r)
	case "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews":
		denied := slices.Contains(s.denied, object.Text(body, "spec", "resourceAttributes", "resource"))
		answerJSON(w, http.StatusCreated, map[string]any{"status": map[string]any{"allowed": !denied}})
	case "/api", "/apis":
		s.discovery(w, r.URL.Path == "/api")
	default:
		s.resource(w, r, body)
	}
}

func (s *Server) resource(w http.ResponseWriter, r *http.Request, body map[string]any) {
	path := r.URL.Path
	live, there := s.objects[path]
	last := path[strings.LastIndexByte(path, '/')+1:]
	collection := slices.ContainsFunc(kinds, func(k resource) bool { return k.Plural == last })
	switch {
	case collection && r.Method == http.MethodGet:
		s.list(w, r)
	case collection && r.Method == http.MethodPost:
		path += "/" + nameIn(body)
		if _, there := s.objects[path]; there {
			refuseWith(w, http.StatusConflict, "AlreadyExists", nameIn(body)+" already exists", nil)
			return
		}
		s.store(path, body)
		answerJSON(w, http.StatusCreated, body)
	case !there && (r.Method != http.MethodPatch || r.Header.Get("Content-Type") != applyPatch):
		refuseWith(w, http.StatusNotFound, "NotFound", last+" not found", nil)
	case r.Method == http.MethodGet:
		answerJSON(w, http.StatusOK, live)
	case r.Method == http.MethodDelete:
		s.delete(w, path, live, body)
	case r.Header.Get("Content-Type") == mergePatch:
		if v := object.Text(body, "metadata", "resourceVersion"); v != "" && v != object.Text(live, "metadata", "resourceVersion") {
			refuseWith(w, http.StatusConflict, "Conflict", "the object has been modified", nil)
			return
		}
		now, _ := overlay(live, body).(map[string]any)
		s.store(path, now)
		answerJSON(w, http.StatusOK, now)
	default:
		s.apply(w, r, path, live, body)
	}
}

func (s *Server) apply(w http.ResponseWriter, r *http.Request, path string, live, body map[string]any) {
	status := http.StatusOK
	if live == nil {
		status = http.StatusCreated
	}
	uid := object.Text(body, "metadata", "uid")
	switch {
	case uid != "" && live == nil:
		refuseWith(w, http.StatusConflict, "Conflict", "uid mismatch: there is no object", nil)
		return
	case uid != "" && uid != object.Text(live, "metadata", "uid"):
		refuseWith(w, http.StatusUnprocessableEntity, "Invalid", "uid mismatch", []any{map[string]any{"field": "metadata.uid", "message": "is immutable"}})
		return
	}
	now, _ := overlay(live, body).(map[string]any)
	if r.URL.Query().Get("dryRun") != "" {
		answerJSON(w, status, now)
		return
	}
	manager := r.URL.Query().Get("fieldManager")
	entry := map[string]any{"manager": manager, "operation": "Apply", "time": time.Unix(1e9+int64(s.count)+1, 0).UTC().Format(time.RFC3339)}
	var managers []any
	for _, m := range managersOf(now) {
		if entry, _ := m.(map[string]any); object.Text(entry, "manager") != manager {
			managers = append(managers, m)
		}
	}
	object.Ensure(now, "metadata")["managedFields"] = append(managers, entry)
	s.store(path, now)
	answerJSON(w, status, now)
}

func (s *Server) delete(w http.ResponseWriter, path string, live, body map[string]any) {
	wanted := object.Map(body, "preconditions")
	for _, field := range []string{"uid", "resourceVersion"} {
		if v := object.Text(wanted, field); v != "" && v != object.Text(live, "metadata", field) {
			refuseWith(w, http.StatusConflict, "Conflict", "the precondition on "+field+" fails", nil)
			return
		}
	}
	delete(s.objects, path)
	answerJSON(w, http.StatusOK, map[string]any{"kind": "Status", "status": "Success"})
}

func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	prefix, plural := r.URL.Path[:strings.LastIndexByte(r.URL.Path, '/')], r.URL.Path[strings.LastIndexByte(r.URL.Path, '/'):]
	var found []map[string]any
	for path, o := range s.objects {
		dir := path[:strings.LastIndexByte(path, '/')]
		if strings.HasPrefix(dir, prefix) && strings.HasSuffix(dir, plural) && selected(o, r.URL.Query().Get("labelSelector"), r.URL.Query().Get("fieldSelector")) {
			found = append(found, o)
		}
	}
	slices.SortFunc(found, func(a, b map[string]any) int { return cmp.Compare(nameIn(a), nameIn(b)) })
	if r.Header.Get("Accept") != metadataPage {
		answerJSON(w, http.StatusOK, map[string]any{"items": found})
		return
	}
	page := &metav1.PartialObjectMetadataList{}
	for _, o := range found {
		m := metav1.ObjectMeta{
			Name: nameIn(o), Namespace: namespaceOf(o), UID: types.UID(object.Text(o, "metadata", "uid")), ResourceVersion: object.Text(o, "metadata", "resourceVersion"),
			Labels: map[string]string{}, Annotations: map[string]string{},
		}
		for key := range object.Map(o, "metadata", "labels") {
			m.Labels[key] = object.Text(o, "metadata", "labels", key)
		}
		for key := range object.Map(o, "metadata", "annotations") {
			m.Annotations[key] = object.Text(o, "metadata", "annotations", key)
		}
		page.Items = append(page.Items, metav1.PartialObjectMetadata{ObjectMeta: m})
	}
	raw, err := page.Marshal()
	if err != nil {
		s.t.Error(err)
	}
	envelope, err := (&runtime.Unknown{Raw: raw}).Marshal()
	if err != nil {
		s.t.Error(err)
	}
	w.Header().Set("Content-Type", runtime.ContentTypeProtobuf)
	if _, err := w.Write(append([]byte("k8s\x00"), envelope...)); err != nil {
		s.t.Error(err)
	}
}

const (
	applyPatch   = "application/apply-patch+yaml"
	mergePatch   = "application/merge-patch+json"
	metadataPage = "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
)

func (r resource) path(namespace, name string) string {
	path := "/api/"
	if r.Group != "" {
		path = "/apis/" + r.Group + "/"
	}
	path += r.Version
	if r.Namespaced {
		path += "/namespaces/" + namespace
	}
	return path + "/" + r.Plural + "/" + name
}
