package cluster

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

// Container is one that does not run, of a pod of the object.
type Container struct {
	Pod      string   `json:"pod"`
	Name     string   `json:"name,omitempty"` // "" when the pod has no node
	State    string   `json:"state"`          // the reason, and the message
	ExitCode *int64   `json:"exitCode,omitempty"`
	Restarts int64    `json:"restarts,omitempty"`
	Log      []string `json:"log,omitempty"` // the last lines: of the last run that ended, if it ended badly
}

// Explain looks for the reasons that an object is not ready: its status, its
// pods, their containers, events and logs. What we may not read is left out; of an
// object that is not there nothing is said.
func (c *Cluster) Explain(ctx context.Context, ref api.Ref) (Blocked, error) {
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
	b.Why = v.why
	b.Events = c.warningsOf(ctx, ref.Kind, live)
	pods, err := c.podsOf(ctx, ref, live)
	if err != nil {
		return b, nil
	}
	explained := 0
	for _, pod := range pods {
		if found := c.explainPod(ctx, pod); len(found) > 0 && explained < maxBlocked {
			explained++
			b.Containers = append(b.Containers, found...)
			if !ref.Is("", "Pod") {
				b.Events = append(b.Events, c.warningsOf(ctx, "Pod", pod)...)
			}
		}
	}
	return b, nil
}

// explainPod lists the containers of a pod that do not run as they should.
func (c *Cluster) explainPod(ctx context.Context, pod map[string]any) []Container {
	found := stuck(pod)
	for i, f := range found {
		switch runs := runsNow(pod, f.Name); {
		case f.ExitCode != nil:
			found[i].Log = c.log(ctx, pod, f, runs)
		case runs:
			found[i].Log = c.log(ctx, pod, f, false)
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

// stuck lists the containers of a pod that wait or have ended badly.
func stuck(pod map[string]any) []Container {
	var found []Container
	for _, f := range podFaults(pod) {
		found = append(found, Container{Pod: f.pod, Name: f.container, State: strings.TrimSuffix(f.reason+": "+f.message, ": "), Restarts: f.restarts})
	}
	for _, field := range []string{"initContainerStatuses", "containerStatuses"} {
		for _, s := range object.List(pod, "status", field) {
			ended := object.Map(s, "state", "terminated")
			if ended == nil {
				ended = object.Map(s, "lastState", "terminated")
			}
			if ended == nil || object.Number(ended, "exitCode") == 0 {
				continue
			}
			code := object.Number(ended, "exitCode")
			i := slices.IndexFunc(found, func(c Container) bool { return c.Name == object.Text(s, "name") })
			if i < 0 {
				i = len(found)
				found = append(found, Container{
					Pod: object.Text(pod, "metadata", "name"), Name: object.Text(s, "name"), Restarts: object.Number(s, "restartCount"),
					State: strings.TrimSuffix(object.Text(ended, "reason")+": "+object.OneLine(object.Text(ended, "message")), ": "),
				})
			}
			found[i].ExitCode = &code
		}
	}
	return found
}

// log is the end of what a container has written, or, of one that runs again, what
// it wrote before.
func (c *Cluster) log(ctx context.Context, pod map[string]any, of Container, previous bool) []string {
	log, err := c.Log(ctx, api.Pods.RefTo(object.Text(pod, "metadata", "namespace"), of.Pod), of.Name, maxLogBytes, maxLogLines, previous)
	if err != nil || log == "" {
		return nil
	}
	return strings.Split(strings.TrimRight(log, "\n"), "\n")
}

// warningsOf are the last warnings among the events of an object, oldest first, each
// once. Those of another object that had its name before are not its.
func (c *Cluster) warningsOf(ctx context.Context, kind string, live map[string]any) []string {
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
