package ready

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// Container is one that does not run, of a pod of the object.
type Container struct {
	Pod      string   `json:"pod"`
	Name     string   `json:"name,omitempty"` // "" when the pod has no node
	State    string   `json:"state"`          // the reason, and the message
	ExitCode *int64   `json:"exitCode,omitempty"`
	Restarts int64    `json:"restarts,omitempty"`
	Log      []string `json:"log,omitempty"` // the last lines: of the last run that ended, if it ended badly
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

// podFailure is why a pod has failed.
func podFailure(pod map[string]any) string {
	for _, c := range stuck(pod) {
		if c.ExitCode != nil {
			return fmt.Sprintf("container %s ended with exit code %d", c.Name, *c.ExitCode)
		}
	}
	return object.OneLine(cmp.Or(object.Text(pod, "status", "message"), cmp.Or(object.Text(pod, "status", "reason"), "the pod failed")))
}
