package ready

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

const (
	maxEvents   = 5
	maxLogLines = 10
	maxLogBytes = 8 << 10
	maxBlocked  = 3 // pods of one object that are explained
)

// Blocked explains why an object does not become ready. All texts are foreign.
type Blocked struct {
	api.Ref
	Why        string      `json:"why"`
	Events     []string    `json:"events,omitempty"` // the last warnings, oldest first
	Containers []Container `json:"containers,omitempty"`
}

// Explain finds the reasons that an object is not ready: its status, its
// pods, their containers, events and logs. What we may not read is left out; of an
// object that is not there nothing is said.
func Explain(ctx context.Context, c *api.Client, ref api.Ref) (Blocked, error) {
	b := Blocked{Ref: ref}
	r, err := c.Served(ctx, ref)
	if err != nil {
		return b, err
	}
	live, err := c.Get(ctx, r, ref)
	if err != nil {
		return b, fmt.Errorf("explaining %s: %w", ref, err)
	}
	v, err := ready(ref, live)
	if err != nil {
		return b, err
	}
	if live == nil {
		return b, nil
	}
	if !v.ready {
		b.Why = v.why
	}
	b.Events = warningsOf(ctx, c, ref.Kind, live)
	pods, err := podsOf(ctx, c, ref, live)
	if err != nil {
		return b, nil
	}
	explained := 0
	for _, pod := range pods {
		if found := explainPod(ctx, c, pod); len(found) > 0 && explained < maxBlocked {
			explained++
			b.Containers = append(b.Containers, found...)
			if !ref.Is("", "Pod") {
				b.Events = append(b.Events, warningsOf(ctx, c, "Pod", pod)...)
			}
		}
	}
	return b, nil
}

// explainPod lists the containers of a pod that do not run as they should.
func explainPod(ctx context.Context, c *api.Client, pod map[string]any) []Container {
	found := stuck(pod)
	for i, f := range found {
		switch runs := runsNow(pod, f.Name); {
		case f.ExitCode != nil:
			found[i].Log = tail(ctx, c, pod, f, runs)
		case runs:
			found[i].Log = tail(ctx, c, pod, f, false)
		}
	}
	return found
}

// runsNow tells whether a container of a pod runs at the moment.
func runsNow(pod map[string]any, container string) bool {
	for _, field := range []string{"initContainerStatuses", "containerStatuses"} {
		for _, s := range object.List(pod, "status", field) {
			if object.Text(s, "name") == container {
				return object.Map(s, "state", "running") != nil
			}
		}
	}
	return false
}

// tail is the end of what a container has written, or, of one that runs again, what
// it wrote before.
func tail(ctx context.Context, c *api.Client, pod map[string]any, of Container, previous bool) []string {
	log, err := c.Log(ctx, api.Pods.RefTo(object.Text(pod, "metadata", "namespace"), of.Pod), of.Name, maxLogBytes, maxLogLines, previous)
	if err != nil || log == "" {
		return nil
	}
	return strings.Split(strings.TrimRight(log, "\n"), "\n")
}

// warningsOf are the last warnings among the events of an object, oldest first, each
// once. Those of another object that had its name before are not its.
func warningsOf(ctx context.Context, c *api.Client, kind string, live map[string]any) []string {
	selector := fmt.Sprintf("involvedObject.kind=%s,involvedObject.name=%s,involvedObject.uid=%s,type=Warning",
		kind, object.Text(live, "metadata", "name"), object.Text(live, "metadata", "uid"))
	warnings, err := c.Events(ctx, object.Text(live, "metadata", "namespace"), selector)
	if err != nil {
		return nil
	}
	slices.SortStableFunc(warnings, func(a, b api.Event) int { return strings.Compare(a.Time(), b.Time()) })
	var found []string
	for _, e := range warnings {
		line := e.Reason + ": " + object.OneLine(e.Message)
		found = append(slices.DeleteFunc(found, func(earlier string) bool { return earlier == line }), line)
	}
	return found[max(0, len(found)-maxEvents):]
}
