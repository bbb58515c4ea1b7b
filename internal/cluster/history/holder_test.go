package history

import (
	"os"
	"os/exec"
	"testing"
	"time"
)

func TestHolderDead(t *testing.T) {
	here := Holder{Host: "h", Boot: "b", PID: 1}
	none := func(int) bool { return false }
	all := func(int) bool { return true }
	for name, c := range map[string]struct {
		holder  Holder
		running func(int) bool
		want    bool
	}{
		"dead process of this host":    {Holder{Host: "h", Boot: "b", PID: 7}, none, true},
		"living process of this host":  {Holder{Host: "h", Boot: "b", PID: 7}, all, false},
		"another boot":                 {Holder{Host: "h", Boot: "c", PID: 7}, none, false},
		"another host, as a container": {Holder{Host: "i", Boot: "b", PID: 7}, none, false},
		"no boot known":                {Holder{Host: "h", PID: 7}, none, false},
		"no process":                   {Holder{Host: "h", Boot: "b"}, none, false},
		"a group of processes":         {Holder{Host: "h", Boot: "b", PID: -1}, none, false},
	} {
		if got := c.holder.dead(here, c.running); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestWatcher decides by its own clock alone.
func TestWatcher(t *testing.T) {
	now := time.Unix(1e9, 0)
	w := &watcher{stale: 20 * time.Second, running: running}
	r := Revision{uid: "u", resourceVersion: "1", Started: now.Add(-time.Hour)}
	for _, step := range []struct {
		after   time.Duration
		version string
		want    bool
	}{
		{0, "1", false}, {19 * time.Second, "1", false}, // old by its own account, but not by ours
		{5 * time.Second, "2", false}, {19 * time.Second, "2", false}, {2 * time.Second, "2", true},
	} {
		now = now.Add(step.after)
		r.resourceVersion = step.version
		if got := w.isAbandoned(r, now); got != step.want {
			t.Errorf("at version %s, %s later: %v", step.version, step.after, got)
		}
	}
	r.uid = "another"
	if w.isAbandoned(r, now) {
		t.Error("another holder is lost at once")
	}
}

func TestHere(t *testing.T) {
	h := Here("run", "user")
	if h.PID != os.Getpid() || h.Run != "run" || h.dead(h, running) {
		t.Errorf("this process is %+v", h)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	gone := h
	gone.PID = cmd.Process.Pid
	if h.Boot != "" && !gone.dead(h, running) {
		t.Error("a process that ended is alive")
	}
}
