package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
)

func waitsFor(name, why string) ready.Waiting {
	return ready.Waiting{Ref: api.Ref{APIVersion: "v1", Kind: "Pod", Namespace: "a", Name: name}, Why: why}
}

// On a terminal each object has one line, which goes when it is ready.
func TestWaits(t *testing.T) {
	var screen bytes.Buffer
	std := &stdio{err: &screen, terminals: terminals{errTerminal: true}}
	tell := std.waiting()
	const up = "\r\x1b[%dA\x1b[J"
	for _, step := range []struct {
		w    ready.Waiting
		want string
	}{
		{waitsFor("x", "no node"), "---> Waiting for Pod a/x: no node\n"},
		{waitsFor("y", "no \x1b[2Jimage"), fmt.Sprintf(up, 1) + "---> Waiting for Pod a/x: no node\n---> Waiting for Pod a/y: no \ufffd[2Jimage\n"},
		{waitsFor("x", ""), fmt.Sprintf(up, 2) + "---> Waiting for Pod a/y: no \ufffd[2Jimage\n"},
		{waitsFor("z", ""), fmt.Sprintf(up, 1) + "---> Waiting for Pod a/y: no \ufffd[2Jimage\n"},
		{waitsFor("y", strings.Repeat("x", 99)), fmt.Sprintf(up, 1) + "---> Waiting for Pod a/y: " + strings.Repeat("x", 53) + "…\n"},
		{waitsFor("y", ""), fmt.Sprintf(up, 1)},
	} {
		screen.Reset()
		tell(step.w)
		if got := screen.String(); got != step.want {
			t.Errorf("%s: got %q, want %q", step.w, got, step.want)
		}
	}
	for i := range 20 {
		tell(waitsFor(fmt.Sprint(i), "it takes a while"))
	}
	screen.Reset()
	std.step("Done")
	if got := screen.String(); got != fmt.Sprintf(up, maxWaits+1)+"---> Done\n" {
		t.Errorf("afterwards: got %q", got)
	}
}

// Elsewhere each change has one line.
func TestWaitsWithoutTerminal(t *testing.T) {
	var out bytes.Buffer
	tell := (&stdio{err: &out}).waiting()
	tell(waitsFor("x", "no node"))
	tell(waitsFor("x", ""))
	if got := out.String(); got != "---> Waiting for Pod a/x: no node\n" {
		t.Errorf("got %q", got)
	}
}
