package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// The kinds of Kubernetes' own that kpm reads and writes whatever a Kube brings.
var (
	pods           = Resource{Version: "v1", Kind: "Pod", Plural: "pods", Namespaced: true}
	events         = Resource{Version: "v1", Kind: "Event", Plural: "events", Namespaced: true}
	secrets        = Resource{Version: "v1", Kind: "Secret", Plural: "secrets", Namespaced: true}
	claims         = Resource{Version: "v1", Kind: "PersistentVolumeClaim", Plural: "persistentvolumeclaims", Namespaced: true}
	namespaces     = Resource{Version: "v1", Kind: "Namespace", Plural: "namespaces"}
	jobs           = Resource{Group: "batch", Version: "v1", Kind: "Job", Plural: "jobs", Namespaced: true}
	replicaSets    = Resource{Group: "apps", Version: "v1", Kind: "ReplicaSet", Plural: "replicasets", Namespaced: true}
	storageClasses = Resource{Group: "storage.k8s.io", Version: "v1", Kind: "StorageClass", Plural: "storageclasses"}
)

// What is asked for of an object, where the server can tell that apart.
const (
	metadataOnly = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"
	metadataList = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
)

// ref names an object of the kind.
func (r Resource) ref(namespace, name string) Ref {
	return Ref{APIVersion: r.apiVersion(), Kind: r.Kind, Namespace: namespace, Name: name}
}

// get is the live object, nil when there is none. Where it cannot be converted, it is
// read in another version, as which it may be stored.
func (c *Client) get(ctx context.Context, r Resource, ref Ref) (map[string]any, error) {
	var a answer
	err := c.inVersions(ctx, r, func(r Resource) (err error) {
		a, err = c.do(ctx, request{method: http.MethodGet, path: r.path(ref.Namespace, ref.Name)})
		return err
	})
	return whereFound(a, err)
}

// find is the live object of a kind in any version that the server has, nil when there
// is none.
func (c *Client) find(ctx context.Context, ref Ref) (map[string]any, error) {
	r, err := c.served(ctx, ref)
	if err != nil {
		return nil, err
	}
	return c.get(ctx, r, ref)
}

// metadata is that of a live object, nil when there is none.
func (c *Client) metadata(ctx context.Context, ref Ref) (map[string]any, error) {
	var a answer
	r, err := c.served(ctx, ref)
	if err == nil {
		a, err = c.do(ctx, request{method: http.MethodGet, path: r.path(ref.Namespace, ref.Name), accept: metadataOnly})
	}
	return whereFound(a, err)
}

func whereFound(a answer, err error) (map[string]any, error) {
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return a.object()
}

// List is one page of objects.
type List struct {
	Items     []map[string]any
	Continue  string // more comes after it; "" on the last page
	Remaining int64  // how many more, where the server says so
}

// list lists objects of a kind in a namespace, or with "" in all.
func (c *Client) list(ctx context.Context, r Resource, namespace string, o metav1.ListOptions) (List, error) {
	return c.page(ctx, r, namespace, o, "")
}

// listMetadata lists what list does, but of each object its metadata alone.
func (c *Client) listMetadata(ctx context.Context, r Resource, namespace string, o metav1.ListOptions) (List, error) {
	return c.page(ctx, r, namespace, o, metadataList)
}

func (c *Client) page(ctx context.Context, r Resource, namespace string, o metav1.ListOptions, accept string) (List, error) {
	a, err := c.do(ctx, request{method: http.MethodGet, path: r.path(namespace, ""), query: listQuery(o), accept: accept})
	if err != nil {
		return List{}, err
	}
	page, err := a.object()
	return List{Items: list(page, "items"), Continue: text(page, "metadata", "continue"), Remaining: number(page, "metadata", "remainingItemCount")}, err
}

func listQuery(o metav1.ListOptions) url.Values {
	query := url.Values{}
	for name, value := range map[string]string{"labelSelector": o.LabelSelector, "fieldSelector": o.FieldSelector, "continue": o.Continue} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if o.Limit > 0 {
		query.Set("limit", strconv.FormatInt(o.Limit, 10))
	}
	return query
}

// listObjectMeta lists metadata, all pages of it. It is for Kubernetes' own kinds: see
// metadataPage.
func (c *Client) listObjectMeta(ctx context.Context, r Resource, namespace string, o metav1.ListOptions) ([]map[string]any, error) {
	var found []map[string]any
	for {
		a, err := c.do(ctx, request{method: http.MethodGet, path: r.path(namespace, ""), query: listQuery(o), accept: metadataPage})
		if err != nil {
			return nil, err
		}
		part, err := a.page()
		if err != nil {
			return nil, err
		}
		for i := range part.Items {
			found = append(found, fields(&part.Items[i].ObjectMeta))
		}
		if o.Continue = part.Continue; o.Continue == "" {
			return found, nil
		}
	}
}

// create makes an object that must not be there.
func (c *Client) create(ctx context.Context, r Resource, namespace string, value map[string]any) (map[string]any, error) {
	a, err := c.do(ctx, request{method: http.MethodPost, path: r.path(namespace, ""), body: value})
	if err != nil {
		return nil, err
	}
	return a.object()
}

// merge changes an object by a JSON merge patch (RFC 7386); manager is who does so, or
// "" for the name of the program. It returns the object as it is afterwards.
func (c *Client) merge(ctx context.Context, r Resource, ref Ref, manager string, change map[string]any) (map[string]any, error) {
	query := url.Values{}
	if manager != "" {
		query.Set("fieldManager", manager)
	}
	a, err := c.do(ctx, request{method: http.MethodPatch, path: r.path(ref.Namespace, ref.Name), content: string(types.MergePatchType), query: query, accept: metadataOnly, body: change})
	if err != nil {
		return nil, err
	}
	return a.object()
}

// tryPatch is the dry run of a JSON patch (RFC 6902): the object as it would be.
func (c *Client) tryPatch(ctx context.Context, r Resource, ref Ref, manager string, operations []map[string]any) (map[string]any, error) {
	a, err := c.do(ctx, request{
		method: http.MethodPatch, path: r.path(ref.Namespace, ref.Name), content: string(types.JSONPatchType), body: operations,
		query: url.Values{"dryRun": {"All"}, "fieldManager": {manager}},
	})
	if err != nil {
		return nil, err
	}
	return a.object()
}

// delete deletes the object that has the UID, and with a resourceVersion that is not ""
// only as long as it has that. The propagation is Kubernetes' own, "" for that of the
// kind.
func (c *Client) delete(ctx context.Context, r Resource, ref Ref, uid, resourceVersion string, propagation metav1.DeletionPropagation) error {
	o := metav1.DeleteOptions{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "DeleteOptions"}, Preconditions: metav1.NewUIDPreconditions(uid)}
	if resourceVersion != "" {
		o.Preconditions.ResourceVersion = &resourceVersion
	}
	if propagation != "" {
		o.PropagationPolicy = &propagation
	}
	return c.inVersions(ctx, r, func(r Resource) error {
		_, err := c.do(ctx, request{method: http.MethodDelete, path: r.path(ref.Namespace, ref.Name), body: o})
		return err
	})
}

// log is what a container of a pod has written, up to a limit in bytes: its last lines,
// or with 0 its first; of the run before this one if previous is set.
func (c *Client) log(ctx context.Context, pod Ref, container string, limit, lines int, previous bool) (string, error) {
	query := url.Values{"container": {container}, "limitBytes": {strconv.Itoa(limit)}}
	if lines > 0 {
		query.Set("tailLines", strconv.Itoa(lines))
	}
	if previous {
		query.Set("previous", "true")
	}
	a, err := c.do(ctx, request{method: http.MethodGet, path: pods.path(pod.Namespace, pod.Name) + "/log", query: query, accept: "*/*"})
	return string(a.body), err
}

// event is one of Kubernetes' events.
type event struct{ Reason, Message, LastTimestamp, EventTime string }

func (e event) time() string {
	if e.LastTimestamp == "" {
		return e.EventTime
	}
	return e.LastTimestamp
}

// eventsOf are the events that a field selector chooses, at most 50.
func (c *Client) eventsOf(ctx context.Context, namespace, selector string) ([]event, error) {
	a, err := c.do(ctx, request{method: http.MethodGet, path: events.path(namespace, ""), query: listQuery(metav1.ListOptions{FieldSelector: selector, Limit: 50})})
	if err != nil {
		return nil, err
	}
	var found struct{ Items []event }
	if err := json.Unmarshal(a.body, &found); err != nil {
		return nil, fmt.Errorf("reading the server's answer: %w", err)
	}
	return found.Items, nil
}
