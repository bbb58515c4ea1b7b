package ready

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// WaitEnded waits, as Wait does, until all Jobs and Pods have ended well: a Pod has
// to succeed, where it would be ready for Wait as soon as it runs.
func (w *Waiter) WaitEnded(ctx context.Context, objects []api.Ref, timeout time.Duration, progress func(Waiting)) error {
	return w.wait(ctx, objects, objects, timeout, progress, ended)
}

// ended judges what has to come to an end.
func ended(ref api.Ref, live map[string]any) (verdict, error) {
	if live == nil || !ref.Is("", "Pod") {
		return ready(ref, live)
	}
	switch phase := object.Text(live, "status", "phase"); {
	case phase == "Succeeded":
		return verdict{ready: true}, nil
	case phase == "Failed":
		return verdict{failed: true, why: podFailure(live)}, nil
	case object.Text(live, "metadata", "deletionTimestamp") != "":
		return verdict{failed: true, why: "it is being deleted"}, nil
	default:
		return verdict{why: "it has not ended: " + cmp.Or(phase, "Pending")}, nil
	}
}

// maxOutput bounds the log of a container that is read as a whole.
const maxOutput = 1 << 20

// Output is what one container of a pod has written. All texts are foreign.
type Output struct {
	Pod       string `json:"pod"`
	Container string `json:"container"`
	ExitCode  *int64 `json:"exitCode,omitempty"` // nil while it runs, or when it never did
	Log       string `json:"log,omitempty"`      // its first MiB
	Err       error  `json:"-"`                  // why the log cannot be read
}

// Outputs gives what the containers of a Job's or a Pod's pods have written, in the
// order in which the pods name them. A log that cannot be read is no error of it.
func Outputs(ctx context.Context, c *api.Client, ref api.Ref) ([]Output, error) {
	pods, err := podsAt(ctx, c, ref)
	if err != nil {
		return nil, fmt.Errorf("looking for the logs of %s: %w", ref, err)
	}
	var all []Output
	for _, pod := range pods {
		for _, field := range []string{"initContainerStatuses", "containerStatuses"} {
			for _, s := range object.List(pod, "status", field) {
				all = append(all, output(ctx, c, pod, s))
			}
		}
	}
	return all, nil
}

func output(ctx context.Context, c *api.Client, pod, status map[string]any) Output {
	o := Output{Pod: object.Text(pod, "metadata", "name"), Container: object.Text(status, "name")}
	if done := object.Map(status, "state", "terminated"); done != nil {
		code := object.Number(done, "exitCode")
		o.ExitCode = &code
	}
	if object.Map(status, "state", "waiting") != nil {
		return o // it has written nothing
	}
	if o.Log, o.Err = c.Log(ctx, api.Pods.RefTo(object.Text(pod, "metadata", "namespace"), o.Pod), o.Container, maxOutput, 0, false); o.Err != nil {
		o.Err = fmt.Errorf("reading the log of container %s of pod %s: %w", o.Container, o.Pod, o.Err)
	}
	return o
}
