package ready

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPodFaults(t *testing.T) {
	pod := map[string]any{
		"metadata": map[string]any{"name": "p"},
		"status": map[string]any{
			"conditions":            []any{map[string]any{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3"}},
			"initContainerStatuses": []any{map[string]any{"name": "i", "state": map[string]any{"waiting": map[string]any{"reason": "PodInitializing"}}}},
			"containerStatuses":     []any{map[string]any{"name": "c", "restartCount": int64(3), "state": map[string]any{"waiting": map[string]any{"reason": "CrashLoopBackOff"}}}},
		},
	}
	var got []string
	for _, f := range podFaults(pod) {
		got = append(got, fmt.Sprint(f, " ", f.fatal(0, time.Second)))
	}
	want := []string{"pod p: Unschedulable: 0/3 false", "container c of pod p: CrashLoopBackOff true"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	image := podFault{reason: "ErrImagePull"}
	if image.fatal(0, time.Second) || !image.fatal(time.Second, time.Second) {
		t.Error("an image gets no grace, or too much")
	}
}

func TestSelector(t *testing.T) {
	got := selectorOf(map[string]any{
		"matchLabels": map[string]any{"b": "1", "a": "2"},
		"matchExpressions": []any{
			map[string]any{"key": "k", "operator": "In", "values": []any{"x", "y"}}, map[string]any{"key": "n", "operator": "NotIn", "values": []any{"z"}},
			map[string]any{"key": "e", "operator": "Exists"}, map[string]any{"key": "d", "operator": "DoesNotExist"},
		},
	})
	if want := "!d,a=2,b=1,e,k in (x,y),n notin (z)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
