package kubetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Program runs kpm with a home of its own, and gives what it wrote and its exit code.
// An error means that it could not be run to its end.
type Program func(ctx context.Context, home string, c Command) (Ran, error)

// Command is what kpm is asked. Each flag is its long name without dashes, with a value
// after "=" where it takes one.
type Command struct {
	Verb, Operand string
	Namespace     string
	Flags         []string
}

// ask is a command about something in a namespace. kpm answers no question itself.
func ask(verb, operand, namespace string, flags ...string) Command {
	return Command{verb, operand, namespace, append(flags, "yes")}
}

// Ran is how one run of kpm ended.
type Ran struct {
	Out, Said []byte // standard output and error
	Code      int
}

// Exit codes of kpm: there is no such installation, what is waited for does not come, and
// the cluster does not answer.
const (
	notFound    = 4
	timedOut    = 7
	unreachable = 8
)

// fault is why a step did not pass.
type fault struct {
	why     string
	said    string
	verdict Verdict
	code    int // that kpm ended with
}

func (f *fault) Error() string { return f.why }

func failed(format string, args ...any) *fault {
	return &fault{why: fmt.Sprintf(format, args...), verdict: Failed}
}

// report is what this package reads of kpm's report.
type report struct {
	Objects []struct {
		APIVersion, Kind, Namespace, Name, Action string
	}
	Images   []Image
	Warnings []string
	Remains  []remaining
	Seconds  struct{ Apply, Ready float64 }
	Error    string
}

// remaining is an object that stays.
type remaining struct{ Kind, Namespace, Name, Why string }

// String names the object and what holds it.
func (o remaining) String() string { return fmt.Sprintf("%s %s (%s)", o.Kind, o.Name, o.Why) }

// contents are what a namespace and the cluster itself hold.
type contents struct {
	Server   string
	Kubelets []string
	Objects  []content
}

type object struct{ APIVersion, Kind, Namespace, Name string }

// String names the object as people do.
func (o object) String() string { return o.Kind + " " + o.Name }

// content is an object, and whose it is, as NAMESPACE/NAME.
type content struct {
	object

	Of string
}

// life is the life of one Kube: what kpm is asked on its behalf.
type life struct {
	program Program
	home    string
	limit   time.Duration // of one wait
}

// do runs kpm and reads its answer into out, which may be nil. What kpm refuses, or
// fails at, is a fault.
func (l life) do(ctx context.Context, out any, c Command) error {
	if out != nil {
		c.Flags = append(slices.Clone(c.Flags), "output=json")
	}
	ran, err := l.program(ctx, l.home, c)
	switch {
	case err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
		return failed("it took longer than it may: kpm %s was stopped", c.Verb)
	case err != nil:
		return &fault{why: err.Error(), verdict: Unproven}
	}
	if err := ran.answer(out); err != nil && ran.Code == 0 {
		return &fault{why: fmt.Sprintf("kpm %s: %v", c.Verb, err), said: last(string(ran.Said)), verdict: Unproven}
	}
	if ran.Code == 0 {
		return nil
	}
	f := &fault{why: complaint(ran), said: last(string(ran.Said)), verdict: Failed, code: ran.Code}
	switch {
	case ofAnother(f.why, c.Namespace):
		f.verdict = Unproven
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		f.why = "it took longer than it may: " + f.why
	case ctx.Err() != nil || ran.Code == unreachable:
		f.verdict = Unproven
	}
	return f
}

// owned finds in what kpm says whose an object is that is in the way.
var owned = regexp.MustCompile(`\bit belongs to [a-z0-9-]+ in namespace ([a-z0-9-]+)`)

// ofAnother reports whether a complaint is that something belongs to another test than the
// one in the namespace own: that is no fault of a Kube. A name alone, which a Kube may give
// its own objects, says nothing.
func ofAnother(why, own string) bool {
	m := owned.FindStringSubmatch(why)
	return m != nil && m[1] != own && ofTests.MatchString(m[1])
}

// faultOf is what kept a step from passing: without a verdict where it is none of kpm's.
func faultOf(err error) *fault {
	f := &fault{why: err.Error(), verdict: Unproven}
	errors.As(err, &f)
	return f
}

// answer reads what kpm answered into out, which may be nil.
func (ran Ran) answer(out any) error {
	if out == nil {
		return nil
	}
	if len(ran.Out) == 0 {
		return errors.New("it answered nothing")
	}
	if err := json.Unmarshal(ran.Out, out); err != nil {
		return fmt.Errorf("its answer is no JSON: %w", err)
	}
	return nil
}

// complaint is the error that kpm ended with.
func complaint(ran Ran) string {
	for line := range strings.Lines(string(ran.Said)) {
		if text, ok := strings.CutPrefix(line, "kpm: error: "); ok {
			return strings.TrimSpace(text)
		}
	}
	return fmt.Sprintf("kpm ended with %d", ran.Code)
}

// maxSaid is how many bytes of what kpm printed are kept of one step: the end.
const maxSaid = 16 << 10

func last(text string) string {
	if n := len(text) - maxSaid; n > 0 {
		_, text, _ = strings.Cut(text[n:], "\n")
	}
	return text
}

// timeout is how long kpm may wait, as a flag.
func (l life) timeout() string { return "timeout=" + l.limit.Round(time.Second).String() }

// install installs an archive and waits until it is ready.
func (l life) install(ctx context.Context, path, namespace string) (report, error) {
	var r report
	err := l.do(ctx, &r, ask("install", path, namespace, l.timeout()))
	return r, err
}

// drop uninstalls with all that is left of it, and gives what stays. That nothing is
// installed is no fault.
func (l life) drop(ctx context.Context, name, namespace, wait string) ([]remaining, error) {
	var r report
	err := l.do(ctx, &r, ask("uninstall", name, namespace, "purge", wait))
	if f, ok := errors.AsType[*fault](err); ok && f.code == notFound {
		return nil, nil
	}
	return r.Remains, err
}

// contents are what a namespace and the cluster hold now.
func (l life) contents(ctx context.Context, namespace string) (contents, error) {
	var c contents
	err := l.do(ctx, &c, Command{Verb: "__contents", Namespace: namespace})
	return c, err
}
