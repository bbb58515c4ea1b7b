package cluster

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// crashRestarts are the restarts of a container after which Wait gives up: a
// first crash may be a start before its database. What only lacks an image or a
// Secret gets pace.grace, because it may come late.
const crashRestarts = 3

// maxPods bounds the pods of one workload that are looked at.
const maxPods = "50"

// podFault is why a container of a pod does not run.
type podFault struct {
	pod, container string
	reason         string // as Kubernetes calls it, "ImagePullBackOff"
	message        string
	restarts       int64
}

func (f podFault) String() string {
	s := fmt.Sprintf("container %s of pod %s: %s", f.container, f.pod, f.reason)
	if f.container == "" {
		s = fmt.Sprintf("pod %s: %s", f.pod, f.reason)
	}
	if f.message != "" {
		s += ": " + f.message
	}
	return s
}

// fatal tells whether waiting longer is in vain once the fault has lasted.
func (f podFault) fatal(lasted, grace time.Duration) bool {
	switch f.reason {
	case "InvalidImageName":
		return true
	case "ImagePullBackOff", "ErrImagePull", "ErrImageNeverPull", "CreateContainerConfigError", "CreateContainerError":
		return lasted >= grace
	case "CrashLoopBackOff":
		return f.restarts >= crashRestarts
	}
	return false
}

// podFaults are the faults that the status of a pod shows.
func podFaults(pod map[string]any) []podFault {
	name := text(pod, "metadata", "name")
	var found []podFault
	for _, c := range list(pod, "status", "conditions") {
		if text(c, "type") == "PodScheduled" && text(c, "status") == "False" {
			found = append(found, podFault{pod: name, reason: orElse(text(c, "reason"), "Unschedulable"), message: oneLine(text(c, "message"))})
		}
	}
	for _, field := range []string{"initContainerStatuses", "containerStatuses"} {
		for _, c := range list(pod, "status", field) {
			waiting := dig(c, "state", "waiting")
			switch reason := text(waiting, "reason"); reason {
			case "", "ContainerCreating", "PodInitializing":
			default:
				found = append(found, podFault{
					pod: name, container: text(c, "name"), reason: reason,
					message: oneLine(text(waiting, "message")), restarts: number(c, "restartCount"),
				})
			}
		}
	}
	return found
}

// podsOf are the pods that a workload selects, at most maxPods. Other kinds have none.
func (c *Cluster) podsOf(ctx context.Context, ref Ref, live map[string]any) ([]map[string]any, error) {
	switch {
	case ref.is("", "Pod"):
		return []map[string]any{live}, nil
	case ref.is("apps", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"), ref.is("batch", "Job"):
		return c.pods(ctx, ref.Namespace, selectorOf(dig(live, "spec", "selector")))
	case ref.is("", "ReplicationController"):
		return c.pods(ctx, ref.Namespace, selectorOf(map[string]any{"matchLabels": dig(live, "spec")["selector"]}))
	}
	return nil, nil
}

func (c *Cluster) pods(ctx context.Context, namespace, selector string) ([]map[string]any, error) {
	if selector == "" {
		return nil, nil
	}
	a, err := c.do(ctx, request{
		method: http.MethodGet, path: Resource{Version: "v1", Plural: "pods", Namespaced: true}.path(namespace, ""),
		query: url.Values{"labelSelector": {selector}, "limit": {maxPods}},
	})
	if err != nil {
		return nil, fmt.Errorf("looking at pods: %w", err)
	}
	page, err := a.object()
	return list(page, "items"), err
}

// selectorOf writes a LabelSelector as a query does.
func selectorOf(selector map[string]any) string {
	var terms []string
	for key, value := range dig(selector, "matchLabels") {
		terms = append(terms, fmt.Sprintf("%s=%v", key, value))
	}
	for _, e := range list(selector, "matchExpressions") {
		key, values := text(e, "key"), "("+strings.Join(texts(e, "values"), ",")+")"
		switch text(e, "operator") {
		case "In":
			terms = append(terms, key+" in "+values)
		case "NotIn":
			terms = append(terms, key+" notin "+values)
		case "Exists":
			terms = append(terms, key)
		case "DoesNotExist":
			terms = append(terms, "!"+key)
		}
	}
	slices.Sort(terms)
	return strings.Join(terms, ",")
}
