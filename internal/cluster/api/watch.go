package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/wait"
)

// maxWatches bounds the requests that stay open while one waits.
const maxWatches = 16

// Hint is an object as a watch shows it, which may be some time ago; live is nil
// for one that was deleted.
type Hint struct {
	Ref  Ref
	Live map[string]any
}

// Watch sends hints of the objects until ctx is done. What cannot be watched, or
// may not be, gives none.
func (c *Client) Watch(ctx context.Context, objects []Ref, hints chan<- Hint) {
	byPath := map[string]map[string]Ref{}
	for _, ref := range objects {
		r, err := c.Served(ctx, ref)
		if err != nil {
			continue
		}
		path := r.Path(ref.Namespace, "")
		if byPath[path] == nil && len(byPath) < maxWatches {
			byPath[path] = map[string]Ref{}
		}
		if names := byPath[path]; names != nil {
			names[ref.Name] = ref
		}
	}
	var group sync.WaitGroup
	for path, names := range byPath {
		group.Go(func() {
			wait.UntilWithContext(ctx, func(ctx context.Context) { watchOnce(ctx, c, path, names, hints) }, time.Second)
		})
	}
	group.Wait()
}

// watchOnce watches the objects of one kind until the server ends that.
func watchOnce(ctx context.Context, c *Client, path string, names map[string]Ref, hints chan<- Hint) {
	query := url.Values{"watch": {"true"}}
	for name := range names {
		if len(names) == 1 {
			query.Set("fieldSelector", "metadata.name="+name)
		}
	}
	stream, err := c.server.request(http.MethodGet, path, query).SetHeader("Accept", runtime.ContentTypeJSON).Stream(ctx)
	if err != nil {
		return
	}
	defer func() { _ = stream.Close() }() //nolint:errcheck // it was read as far as it was wanted
	for events := json.NewDecoder(stream); ; {
		h, err := next(events, names)
		if err != nil {
			return
		}
		if h.Ref.Name == "" {
			continue
		}
		select {
		case hints <- h:
		case <-ctx.Done():
			return
		}
	}
}

// next is the next event, with the zero Ref for an object that nobody asked for.
func next(events *json.Decoder, names map[string]Ref) (Hint, error) {
	var event struct {
		Type   string
		Object json.RawMessage
	}
	if err := events.Decode(&event); err != nil {
		return Hint{}, err
	}
	var o struct{ Metadata struct{ Name string } }
	if err := json.Unmarshal(event.Object, &o); err != nil {
		return Hint{}, err
	}
	h := Hint{Ref: names[o.Metadata.Name]}
	if h.Ref.Name == "" || event.Type == "DELETED" {
		return h, nil
	}
	return h, utiljson.Unmarshal(event.Object, &h.Live)
}
