package api

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

	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// The kinds of Kubernetes' own that kpm reads and writes whatever a Kube brings.
var (
	Pods           = Resource{Version: "v1", Kind: "Pod", Plural: "pods", Namespaced: true}
	events         = Resource{Version: "v1", Kind: "Event", Plural: "events", Namespaced: true}
	Secrets        = Resource{Version: "v1", Kind: "Secret", Plural: "secrets", Namespaced: true}
	Claims         = Resource{Version: "v1", Kind: "PersistentVolumeClaim", Plural: "persistentvolumeclaims", Namespaced: true}
	Namespaces     = Resource{Version: "v1", Kind: "Namespace", Plural: "namespaces"}
	Jobs           = Resource{Group: "batch", Version: "v1", Kind: "Job", Plural: "jobs", Namespaced: true}
	ReplicaSets    = Resource{Group: "apps", Version: "v1", Kind: "ReplicaSet", Plural: "replicasets", Namespaced: true}
	StorageClasses = Resource{Group: "storage.k8s.io", Version: "v1", Kind: "StorageClass", Plural: "storageclasses"}
)

// What is asked for of an object, where the server can tell that apart.
const (
	metadataOnly = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"
	metadataList = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
)

// RefTo names an object of the kind.
func (r Resource) RefTo(namespace, name string) Ref {
	return Ref{APIVersion: r.APIVersion(), Kind: r.Kind, Namespace: namespace, Name: name}
}

// Get is the live object, nil when there is none. Where it cannot be converted, it is
// read in another version, as which it may be stored.
func (c *Client) Get(ctx context.Context, r Resource, ref Ref) (map[string]any, error) {
	var a answer
	err := c.inVersions(ctx, r, func(r Resource) (err error) {
		a, err = c.Do(ctx, Request{Method: http.MethodGet, Path: r.Path(ref.Namespace, ref.Name)})
		return err
	})
	return whereFound(a, err)
}

// Find is the live object of a kind in any version that the server has, nil when there
// is none.
func (c *Client) Find(ctx context.Context, ref Ref) (map[string]any, error) {
	r, err := c.Served(ctx, ref)
	if err != nil {
		return nil, err
	}
	return c.Get(ctx, r, ref)
}

// Metadata is that of a live object, nil when there is none.
func (c *Client) Metadata(ctx context.Context, ref Ref) (map[string]any, error) {
	var a answer
	r, err := c.Served(ctx, ref)
	if err == nil {
		a, err = c.Do(ctx, Request{Method: http.MethodGet, Path: r.Path(ref.Namespace, ref.Name), accept: metadataOnly})
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
	return a.Object()
}

// List is one page of objects.
type List struct {
	Items     []map[string]any
	Continue  string // more comes after it; "" on the last page
	Remaining int64  // how many more, where the server says so
}

// ListObjects lists objects of a kind in a namespace, or with "" in all.
func (c *Client) ListObjects(ctx context.Context, r Resource, namespace string, o metav1.ListOptions) (List, error) {
	return page(ctx, c, r, namespace, o, "")
}

// ListMetadata lists what list does, but of each object its metadata alone.
func (c *Client) ListMetadata(ctx context.Context, r Resource, namespace string, o metav1.ListOptions) (List, error) {
	return page(ctx, c, r, namespace, o, metadataList)
}

func page(ctx context.Context, c *Client, r Resource, namespace string, o metav1.ListOptions, accept string) (List, error) {
	a, err := c.Do(ctx, Request{Method: http.MethodGet, Path: r.Path(namespace, ""), Query: listQuery(o), accept: accept})
	if err != nil {
		return List{}, err
	}
	page, err := a.Object()
	return List{Items: object.List(page, "items"), Continue: object.Text(page, "metadata", "continue"), Remaining: object.Number(page, "metadata", "remainingItemCount")}, err
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

// ListObjectMeta lists metadata, all pages of it. It is for Kubernetes' own kinds: see
// metadataPage.
func (c *Client) ListObjectMeta(ctx context.Context, r Resource, namespace string, o metav1.ListOptions) ([]*metav1.ObjectMeta, error) {
	var found []*metav1.ObjectMeta
	for {
		a, err := c.Do(ctx, Request{Method: http.MethodGet, Path: r.Path(namespace, ""), Query: listQuery(o), accept: metadataPage})
		if err != nil {
			return nil, err
		}
		var part metav1.PartialObjectMetadataList
		if err := a.into(&part); err != nil {
			return nil, err
		}
		for i := range part.Items {
			found = append(found, &part.Items[i].ObjectMeta)
		}
		if o.Continue = part.Continue; o.Continue == "" {
			return found, nil
		}
	}
}

// Create makes an object that must not be there.
func (c *Client) Create(ctx context.Context, r Resource, namespace string, value map[string]any) (map[string]any, error) {
	a, err := c.Do(ctx, Request{Method: http.MethodPost, Path: r.Path(namespace, ""), Body: value})
	if err != nil {
		return nil, err
	}
	return a.Object()
}

// Merge changes an object by a JSON merge patch (RFC 7386); manager is who does so, or
// "" for the name of the program. It returns the object as it is afterwards.
func (c *Client) Merge(ctx context.Context, r Resource, ref Ref, manager string, change map[string]any) (map[string]any, error) {
	query := url.Values{}
	if manager != "" {
		query.Set("fieldManager", manager)
	}
	a, err := c.Do(ctx, Request{Method: http.MethodPatch, Path: r.Path(ref.Namespace, ref.Name), ContentType: string(types.MergePatchType), Query: query, accept: metadataOnly, Body: change})
	if err != nil {
		return nil, err
	}
	return a.Object()
}

// TryPatch is the dry run of a JSON patch (RFC 6902): the object as it would be.
func (c *Client) TryPatch(ctx context.Context, r Resource, ref Ref, manager string, operations []map[string]any) (map[string]any, error) {
	a, err := c.Do(ctx, Request{
		Method: http.MethodPatch, Path: r.Path(ref.Namespace, ref.Name), ContentType: string(types.JSONPatchType), Body: operations,
		Query: url.Values{"dryRun": {"All"}, "fieldManager": {manager}},
	})
	if err != nil {
		return nil, err
	}
	return a.Object()
}

// Delete deletes the object that has the UID, and with a resourceVersion that is not ""
// only as long as it has that. The propagation is Kubernetes' own, "" for that of the
// kind.
func (c *Client) Delete(ctx context.Context, r Resource, ref Ref, uid, resourceVersion string, propagation metav1.DeletionPropagation) error {
	o := metav1.DeleteOptions{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "DeleteOptions"}, Preconditions: metav1.NewUIDPreconditions(uid)}
	if resourceVersion != "" {
		o.Preconditions.ResourceVersion = &resourceVersion
	}
	if propagation != "" {
		o.PropagationPolicy = &propagation
	}
	return c.inVersions(ctx, r, func(r Resource) error {
		_, err := c.Do(ctx, Request{Method: http.MethodDelete, Path: r.Path(ref.Namespace, ref.Name), Body: o})
		return err
	})
}

// Log is what a container of a pod has written, up to a limit in bytes: its last lines,
// or with 0 its first; of the run before this one if previous is set.
func (c *Client) Log(ctx context.Context, pod Ref, container string, limit, lines int, previous bool) (string, error) {
	query := url.Values{"container": {container}, "limitBytes": {strconv.Itoa(limit)}}
	if lines > 0 {
		query.Set("tailLines", strconv.Itoa(lines))
	}
	if previous {
		query.Set("previous", "true")
	}
	a, err := c.Do(ctx, Request{Method: http.MethodGet, Path: Pods.Path(pod.Namespace, pod.Name) + "/log", Query: query, accept: "*/*"})
	if err != nil {
		return "", err // what the server answered instead is no log
	}
	return string(a.Body), nil
}

// Event is one of Kubernetes' events.
type Event struct{ Reason, Message, LastTimestamp, EventTime string }

// Time is when it last happened, as the server writes it.
func (e Event) Time() string {
	if e.LastTimestamp == "" {
		return e.EventTime
	}
	return e.LastTimestamp
}

// Events are the events that a field selector chooses, one page of them.
func (c *Client) Events(ctx context.Context, namespace, selector string) ([]Event, error) {
	a, err := c.Do(ctx, Request{Method: http.MethodGet, Path: events.Path(namespace, ""), Query: listQuery(metav1.ListOptions{FieldSelector: selector, Limit: eventsPage})})
	if err != nil {
		return nil, err
	}
	var found struct{ Items []Event }
	if err := json.Unmarshal(a.Body, &found); err != nil {
		return nil, fmt.Errorf("reading the server's answer: %w", err)
	}
	return found.Items, nil
}
