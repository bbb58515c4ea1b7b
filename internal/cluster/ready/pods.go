package ready

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// crashRestarts are the restarts of a container after which Wait gives up: a
// first crash may be a start before its database. What only lacks an image or a
// Secret gets pace.grace, because it may come late.
const crashRestarts = 3

// crashing is the reason of a container that ends again and again. Its message tells
// of the next try alone.
const crashing = "CrashLoopBackOff"

// maxPods bounds the pods of one workload that are read.
const maxPods = 50

// podFault is why a container of a pod does not run.
type podFault struct {
	pod, container string
	reason         string // as Kubernetes calls it, "ImagePullBackOff"
	message        string
	exit           *int64 // with which code it ended before, if it did
	restarts       int64
}

func (f podFault) String() string {
	s := fmt.Sprintf("container %s of pod %s: %s", f.container, f.pod, f.reason)
	switch {
	case f.pod == "":
		s = f.reason // of the object itself
	case f.container == "":
		s = fmt.Sprintf("pod %s: %s", f.pod, f.reason)
	}
	if f.message != "" {
		s += ": " + f.message
	}
	if f.exit != nil {
		s += fmt.Sprintf(", exit code %d", *f.exit)
	}
	return s
}

// fatal tells whether waiting longer is in vain once the fault has lasted.
func (f podFault) fatal(lasted, grace time.Duration) bool {
	switch f.reason {
	case "InvalidImageName":
		return true
	case "ImagePullBackOff", "ErrImagePull", "ErrImageNeverPull", "CreateContainerConfigError", "CreateContainerError", "RunContainerError", deploymentPaused:
		return lasted >= grace
	case crashing:
		return f.restarts >= crashRestarts
	}
	return false
}

// podFaults are the faults that the status of a pod shows. One that is being
// deleted has none: it is to end.
func podFaults(pod map[string]any) []podFault {
	if object.Text(pod, "metadata", "deletionTimestamp") != "" {
		return nil
	}
	name := object.Text(pod, "metadata", "name")
	var found []podFault
	for _, c := range object.List(pod, "status", "conditions") {
		if object.Text(c, "type") == "PodScheduled" && object.Text(c, "status") == "False" {
			found = append(found, podFault{pod: name, reason: cmp.Or(object.Text(c, "reason"), "Unschedulable"), message: object.OneLine(object.Text(c, "message"))})
		}
	}
	for _, field := range []string{"initContainerStatuses", "containerStatuses"} {
		for _, c := range object.List(pod, "status", field) {
			found = append(found, containerFaults(pod, c)...)
		}
	}
	return found
}

// containerFaults are those that the status of one container shows: its probe does
// not succeed, it waits, or it has ended badly.
func containerFaults(pod, status map[string]any) []podFault {
	var found []podFault
	fault := func(reason, message string, exit *int64) {
		found = append(found, podFault{
			pod: object.Text(pod, "metadata", "name"), container: object.Text(status, "name"),
			reason: reason, message: message, exit: exit, restarts: object.Number(status, "restartCount"),
		})
	}
	if probe := refusing(pod, status); probe != "" {
		fault("NotReady", "its "+probe+" probe does not succeed", nil)
	}
	waiting, before := object.Map(status, "state", "waiting"), object.Map(status, "lastState", "terminated")
	switch reason := object.Text(waiting, "reason"); {
	case reason == "" || reason == "ContainerCreating" || reason == "PodInitializing":
	case reason == crashing && before != nil:
		code := object.Number(before, "exitCode")
		fault(reason, ending(before), &code)
	default:
		fault(reason, object.OneLine(object.Text(waiting, "message")), nil)
	}
	if ended := object.Map(status, "state", "terminated"); object.Number(ended, "exitCode") != 0 {
		code := object.Number(ended, "exitCode")
		fault(cmp.Or(object.Text(ended, "reason"), "Error"), object.OneLine(object.Text(ended, "message")), &code)
	}
	return found
}

// ending is why a container ended, "" when its exit code says it all.
func ending(terminated map[string]any) string {
	reason := object.Text(terminated, "reason")
	if reason == "Error" {
		reason = ""
	}
	return strings.Trim(reason+": "+object.OneLine(object.Text(terminated, "message")), ": ")
}

// refusing names the probe that keeps a running container from being ready, "" when
// there is none.
func refusing(pod, status map[string]any) string {
	if object.Map(status, "state", "running") == nil || status["ready"] == true {
		return ""
	}
	for _, field := range []string{"initContainers", "containers"} {
		for _, c := range object.List(pod, "spec", field) {
			switch {
			case object.Text(c, "name") != object.Text(status, "name"):
			case c["startupProbe"] != nil && status["started"] != true:
				return "startup"
			case c["readinessProbe"] != nil:
				return "readiness"
			}
		}
	}
	return ""
}

// podsOf are the pods of a workload, at most maxPods: of those that it replaces by
// others, the new ones. Other kinds have none.
func podsOf(ctx context.Context, c *api.Client, ref api.Ref, live map[string]any) ([]map[string]any, error) {
	switch {
	case ref.Is("", "Pod"):
		return []map[string]any{live}, nil
	case ref.Is("apps", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"), ref.Is("batch", "Job"):
		selector := selectorOf(object.Map(live, "spec", "selector"))
		template, err := templateOf(ctx, c, ref, live, selector)
		if err != nil || template == "" {
			return nil, err
		}
		return podsBy(ctx, c, ref.Namespace, template)
	case ref.Is("", "ReplicationController"):
		return podsBy(ctx, c, ref.Namespace, selectorOf(map[string]any{"matchLabels": object.Map(live, "spec")["selector"]}))
	}
	return nil, nil
}

func podsBy(ctx context.Context, c *api.Client, namespace, selector string) ([]map[string]any, error) {
	if selector == "" {
		return nil, nil
	}
	page, err := c.ListObjects(ctx, api.Pods, namespace, metav1.ListOptions{LabelSelector: selector, Limit: maxPods})
	if err != nil {
		return nil, fmt.Errorf("looking at pods: %w", err)
	}
	return page.Items, nil
}

// selectorOf writes a LabelSelector as a query does.
func selectorOf(selector map[string]any) string {
	var terms []string
	for key, value := range object.Map(selector, "matchLabels") {
		terms = append(terms, fmt.Sprintf("%s=%v", key, value))
	}
	for _, e := range object.List(selector, "matchExpressions") {
		key, values := object.Text(e, "key"), "("+strings.Join(object.Texts(e, "values"), ",")+")"
		switch object.Text(e, "operator") {
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
