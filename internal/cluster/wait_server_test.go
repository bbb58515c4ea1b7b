package cluster

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	. "github.com/kpm-sh/kpm/internal/cluster/plan"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
	"github.com/kpm-sh/kpm/internal/errcode"
)

// pending is a Deployment whose pods no scheduler takes, so that a test can play
// their kubelet.
const pending = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {schedulerName: nobody, terminationGracePeriodSeconds: 1, containers: [{name: web, image: "nginx:1"}]}
`

// kubelet writes the status of the pods that the test waits for.
func (p place) kubelet(status map[string]any) {
	p.t.Helper()
	err := wait.PollUntilContextTimeout(p.t.Context(), 20*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		pods, err := p.ListObjects(ctx, api.Pods, p.id.Namespace, metav1.ListOptions{LabelSelector: "app=web"})
		for _, pod := range pods.Items {
			path := core(p, "pods/"+object.Text(pod, "metadata", "name")+"/status")
			if _, err := p.Do(ctx, api.Request{Method: http.MethodPatch, Path: path, ContentType: string(types.MergePatchType), Body: map[string]any{"status": status}}); err != nil {
				return false, err
			}
		}
		return len(pods.Items) > 0, err
	})
	if err != nil {
		p.t.Fatalf("looking for pods: %v", err)
	}
}

func containerStatus(state, last map[string]any, restarts int) map[string]any {
	return map[string]any{"phase": "Pending", "containerStatuses": []any{map[string]any{
		"name": "web", "image": "nginx:1", "imageID": "", "ready": false, "restartCount": restarts, "state": state, "lastState": last,
	}}}
}

func waitsFor(reason string) map[string]any {
	return map[string]any{"waiting": map[string]any{"reason": reason, "message": "back-off\nof it"}}
}

// TestServerWaitGivesUp has pods that will not come.
func TestServerWaitGivesUp(t *testing.T) {
	for name, c := range map[string]struct {
		status map[string]any
		why    string
	}{
		"image":          {containerStatus(waitsFor("ImagePullBackOff"), nil, 0), "ImagePullBackOff: back-off of it"},
		"image name":     {containerStatus(waitsFor("InvalidImageName"), nil, 0), "InvalidImageName"},
		"no such Secret": {containerStatus(waitsFor("CreateContainerConfigError"), nil, 0), "CreateContainerConfigError"},
		"crash": {
			containerStatus(waitsFor("CrashLoopBackOff"), map[string]any{"terminated": map[string]any{"exitCode": 137, "reason": "OOMKilled"}}, 3),
			"CrashLoopBackOff",
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := somewhere(t)
			p.ready.Grace = time.Second
			plan := p.install(pending, Request{})
			p.kubelet(c.status)
			var said []string
			err := p.Wait(t.Context(), plan.Applied(), time.Minute, func(w ready.Waiting) { said = append(said, w.Why) })
			var failed *ready.Error
			if !errors.As(err, &failed) || errors.Is(err, api.ErrTimeout) || len(failed.Failed) != 1 || !strings.Contains(err.Error(), c.why) {
				t.Fatalf("got %v", err)
			}
			if !strings.Contains(strings.Join(said, "\n"), c.why) {
				t.Errorf("it said %q", said)
			}
			b, err := ready.Explain(t.Context(), p.Client, plan.Applied()[0])
			if err != nil || len(b.Containers) != 1 || !strings.HasPrefix(b.Containers[0].State, strings.Split(c.why, ":")[0]) {
				t.Errorf("explained as %+v, %v", b, err)
			}
			if name == "crash" && (b.Containers[0].ExitCode == nil || *b.Containers[0].ExitCode != 137 || b.Containers[0].Restarts != 3) {
				t.Errorf("the container is %+v", b.Containers[0])
			}
		})
	}
}

// TestServerWaitMended has an upgrade whose pods may still come, while those of
// before crash on.
func TestServerWaitMended(t *testing.T) {
	for _, kind := range []string{"Deployment", "DaemonSet"} {
		t.Run(kind, func(t *testing.T) {
			p := somewhere(t)
			crashing := strings.Replace(pending, "kind: Deployment", "kind: "+kind, 1)
			p.install(crashing, Request{})
			p.kubelet(containerStatus(waitsFor("CrashLoopBackOff"), map[string]any{"terminated": map[string]any{"exitCode": 1}}, 9))
			plan := p.install(strings.Replace(crashing, "nginx:1", "nginx:2", 1), Request{Upgrade: true})
			err := p.Wait(t.Context(), plan.Applied(), 3*time.Second, nil)
			if !errors.Is(err, api.ErrTimeout) || strings.Contains(err.Error(), "CrashLoopBackOff") {
				t.Errorf("got %v", err)
			}
			b, err := ready.Explain(t.Context(), p.Client, plan.Applied()[0])
			if err != nil || len(b.Containers) > 0 {
				t.Errorf("explained as %+v, %v", b, err)
			}
		})
	}
}

// TestServerWaitAfterCrash has a container without a probe that is ready between
// its crashes.
func TestServerWaitAfterCrash(t *testing.T) {
	p := somewhere(t)
	p.ready.Steady = time.Hour
	plan := p.install(pending, Request{})
	ended := map[string]any{"terminated": map[string]any{"exitCode": 42, "reason": "Error"}}
	p.kubelet(containerStatus(waitsFor("CrashLoopBackOff"), ended, 1))
	var said []string
	err := p.Wait(t.Context(), plan.Applied(), time.Minute, func(w ready.Waiting) {
		said = append(said, w.Why)
		switch {
		case strings.HasSuffix(w.Why, "CrashLoopBackOff, exit code 42"):
			p.kubelet(map[string]any{"phase": "Running", "conditions": []any{map[string]any{"type": "Ready", "status": "True"}}})
		case strings.Contains(w.Why, "has to stay so"):
			status := containerStatus(waitsFor("CrashLoopBackOff"), ended, 3)
			status["conditions"] = []any{map[string]any{"type": "Ready", "status": "False"}}
			p.kubelet(status)
		}
	})
	if err == nil || errors.Is(err, api.ErrTimeout) || !strings.Contains(err.Error(), "CrashLoopBackOff, exit code 42") {
		t.Errorf("got %v; it said %q", err, said)
	}
}

// TestServerWaitProbes has a container that runs, and a probe that says no.
func TestServerWaitProbes(t *testing.T) {
	for probe, name := range map[string]string{"startupProbe": "startup", "readinessProbe": "readiness"} {
		p := somewhere(t)
		plan := p.install(strings.Replace(pending, `image: "nginx:1"`, `image: "nginx:1", `+probe+`: {tcpSocket: {port: 80}}`, 1), Request{})
		p.kubelet(containerStatus(map[string]any{"running": map[string]any{"startedAt": "2026-01-01T00:00:00Z"}}, nil, 0))
		want := "NotReady: its " + name + " probe does not succeed"
		err := p.Wait(t.Context(), plan.Applied(), 3*time.Second, nil)
		if !errors.Is(err, api.ErrTimeout) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v", err)
		}
		b, err := ready.Explain(t.Context(), p.Client, plan.Applied()[0])
		if err != nil || len(b.Containers) != 1 || b.Containers[0].State != want || b.Containers[0].ExitCode != nil {
			t.Errorf("explained as %+v, %v", b, err)
		}
	}
}

// TestServerWaitTimesOut has pods that may still come.
func TestServerWaitTimesOut(t *testing.T) {
	p := somewhere(t)
	unschedulable := strings.Replace(pending, "schedulerName: nobody", "nodeSelector: {no: where}", 1)
	plan := p.install(unschedulable, Request{})
	err := p.Wait(t.Context(), plan.Applied(), 3*time.Second, nil)
	if !errors.Is(err, api.ErrTimeout) || !strings.Contains(err.Error(), "Unschedulable: 0/3 nodes") {
		t.Errorf("got %v", err)
	}
	b, err := ready.Explain(t.Context(), p.Client, plan.Applied()[0])
	if err != nil || !strings.Contains(strings.Join(b.Events, "\n"), "FailedScheduling") {
		t.Errorf("explained as %+v, %v", b, err)
	}

	q := somewhere(t)
	q.stranger("apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: q}\nspec: {hard: {pods: '0'}}\n")
	plan = q.install(pending, Request{})
	if err := q.Wait(t.Context(), plan.Applied(), 3*time.Second, nil); !errors.Is(err, api.ErrTimeout) || !strings.Contains(err.Error(), "exceeded quota") {
		t.Errorf("got %v", err)
	}
}

// TestServerWaitJobs waits for Jobs to be complete, not for their start.
func TestServerWaitJobs(t *testing.T) {
	p := somewhere(t)
	plan := p.install(immutableJob, Request{})
	if err := p.Wait(t.Context(), plan.Applied(), time.Minute, nil); err != nil {
		t.Error(err)
	}
	if object.Condition(p.live("batch/v1 Job once"), "Complete") != "True" {
		t.Error("it is not complete")
	}

	q := somewhere(t)
	failing := strings.NewReplacer("  template:\n", "  backoffLimit: 0\n  template:\n    metadata: {labels: {app: web}}\n", "restartPolicy", "schedulerName: nobody, restartPolicy").Replace(immutableJob)
	plan = q.install(failing, Request{})
	if err := q.Wait(t.Context(), plan.Applied(), 2*time.Second, nil); !errors.Is(err, api.ErrTimeout) || !strings.Contains(err.Error(), "not complete: 1 active") {
		t.Errorf("a started Job: %v", err)
	}
	q.kubelet(map[string]any{"phase": "Failed"})
	if err := q.Wait(t.Context(), plan.Applied(), time.Minute, nil); err == nil || errors.Is(err, api.ErrTimeout) || !strings.Contains(err.Error(), "backoff limit") {
		t.Errorf("a failed Job: %v", err)
	}
}

// TestServerRemains says what holds an object that was deleted.
func TestServerRemains(t *testing.T) {
	p := somewhere(t)
	p.install(strings.Replace(settings, "name: settings", "name: settings, finalizers: [example.com/hold]", 1), Request{})
	plan := p.uninstall(Request{})
	err := p.WaitGone(t.Context(), plan.Deleted(), time.Second)
	if !errors.Is(err, api.ErrTimeout) || err.Error() != "ConfigMap "+p.id.Namespace+"/settings: it is still there, held by the finalizers example.com/hold" {
		t.Errorf("got %v", err)
	}

	// What is to be made again waits until it is gone, and no longer than it may.
	again := p.plan(settings, Request{})
	if err := again.Err(); err != nil || again.Idle() || !strings.Contains(summary(again), "replaced ConfigMap settings offline: it is being deleted already, held by the finalizers example.com/hold") {
		t.Fatalf("%v\n%s", err, summary(again))
	}
	gone := object.Text(p.live("v1 ConfigMap settings"), "metadata", "uid")
	s := p.begin(again)
	s.Patience(time.Second, nil)
	err = s.Apply(t.Context(), nil)
	if !errors.Is(err, api.ErrTimeout) || !errcode.Has(err, errcode.Finalizers) || !strings.Contains(err.Error(), "it is being deleted, and was to be made again: it is still there, held by the finalizers example.com/hold") {
		t.Errorf("got %v", err)
	}
	if err := s.Finish(t.Context(), err); err != nil {
		t.Fatal(err)
	}
	s = p.begin(p.plan(settings, Request{}))
	s.Patience(time.Minute, func(w ready.Waiting) {
		if w.Why == "" {
			return
		}
		_, err := p.Do(t.Context(), api.Request{Method: http.MethodPatch, Path: core(p, "configmaps/settings"), ContentType: string(types.MergePatchType), Body: map[string]any{"metadata": map[string]any{"finalizers": nil}}})
		if err != nil {
			t.Error(err)
		}
	})
	err = s.Apply(t.Context(), nil)
	if err := errors.Join(err, s.Finish(t.Context(), err)); err != nil {
		t.Fatal(err)
	}
	if now := object.Text(p.live("v1 ConfigMap settings"), "metadata", "uid"); now == "" || now == gone {
		t.Errorf("the object is %q, and was %q", now, gone)
	}
}
