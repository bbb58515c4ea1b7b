package kubetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// proof is the proof of one subject, step by step.
type proof struct {
	*Result
	life
	subject   Subject
	now       func() time.Time
	cleaning  time.Duration // at the end, of what there is in all
	dir       string
	namespace string
	before    contents
}

// run goes through the steps until one does not pass. What was made is taken away
// in any case.
func (p *proof) run(ctx context.Context) {
	p.fresh(ctx, func() bool {
		return p.step(ctx, "hook", p.subject.Hook, p.hook) &&
			p.step(ctx, "needs", len(p.subject.Needs) > 0, p.needs) &&
			p.step(ctx, "install", true, p.installed) &&
			p.step(ctx, "install again", true, p.again) &&
			p.tests(ctx, "") &&
			p.step(ctx, "uninstall", true, p.uninstalled) &&
			p.step(ctx, "nothing left", true, p.awaitNoLeftovers)
	})
	if p.Verdict != Passed || p.subject.Previous == nil {
		return
	}
	p.fresh(ctx, func() bool {
		ok, had := true, p.subject.Previous
		if len(p.subject.Needs) > 0 {
			ok = p.step(ctx, "needs before upgrade", true, p.needs)
		}
		if !ok || !p.former(ctx, *had) {
			return ok
		}
		p.From = had.Version
		return p.step(ctx, "upgrade from "+had.Version, true, p.upgraded) && p.tests(ctx, " after upgrade")
	})
}

// fresh does something in a namespace of its own.
func (p *proof) fresh(ctx context.Context, do func() bool) {
	p.namespace = namespaceName(p.subject.Name)
	defer p.clean(ctx)
	if !p.step(ctx, "namespace", true, func(ctx context.Context) (err error) {
		if err = p.makeNamespace(ctx, p.dir, p.namespace); err == nil {
			p.before, err = p.contents(ctx, p.namespace)
		}
		return err
	}) {
		return
	}
	p.Steps = slices.DeleteFunc(p.Steps, func(s Step) bool { return s.Name == "namespace" })
	do()
}

// cleaning is how much of the time of a Kube is kept for taking away what is left of it.
func cleaning(limit time.Duration) time.Duration { return min(time.Minute, limit/4) }

// clean takes away what is left, also when the time is up. What stays is no fault
// of the Kube, which was judged before, and is named with what holds it.
func (p *proof) clean(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.cleaning)
	defer cancel()
	names := []string{p.Name}
	for _, n := range slices.Backward(p.subject.Needs) {
		names = append(names, n.Name)
	}
	l := p.life
	l.limit = max(time.Second, p.cleaning/2/time.Duration(len(names))) // and as long for the namespace
	var inside, outside []string                                       // the namespace takes with it what is inside
	for _, name := range names {
		remains, err := l.drop(ctx, name, p.namespace, l.timeout())
		if err != nil {
			inside = append(inside, fmt.Sprintf("%s in namespace %s: %v", name, p.namespace, err))
		}
		for _, o := range remains {
			if o.Namespace != p.namespace {
				outside = append(outside, o.String())
			}
		}
	}
	l.limit = max(time.Second, p.cleaning/3)
	wait := l.timeout()
	if p.Verdict == Passed && len(inside) == 0 {
		wait = "no-wait"
	}
	remains, err := l.drop(ctx, p.namespace, shared, wait)
	if wait == "no-wait" {
		remains = nil // it is empty, and on its way out
	}
	p.Stays = append(p.Stays, outside...)
	if err != nil && len(remains) == 0 {
		p.Stays = append(p.Stays, fmt.Sprintf("namespace %s: %v", p.namespace, err))
	}
	for _, o := range remains {
		p.Stays = append(p.Stays, o.String())
	}
	if err != nil || len(remains) > 0 {
		p.Stays = append(p.Stays, inside...)
	}
}

// step does one step if it is wanted, notes how it went, and tells whether to go on.
func (p *proof) step(ctx context.Context, name string, wanted bool, do func(context.Context) error) bool {
	if !wanted {
		return true
	}
	began := p.now()
	err := do(ctx)
	s := Step{Name: name, Verdict: Passed, Seconds: p.now().Sub(began).Seconds()}
	if err != nil {
		f := faultOf(err)
		s.Verdict, s.Why, s.Said = f.verdict, f.why, f.said
		p.Verdict, p.Why = f.verdict, name+": "+f.why
		p.alone = p.alone || ofAnother(f.why, p.namespace)
	}
	p.Steps = append(p.Steps, s)
	return err == nil
}

// hook runs the hook by itself, as kpm confines it: without network and without
// anything of this host but a copy of the Kube. It fails where it tries otherwise.
func (p *proof) hook(ctx context.Context) error {
	return p.do(ctx, nil, ask("template", p.subject.Archive, p.namespace, "with-hooks", "strict-hook"))
}

func (p *proof) needs(ctx context.Context) error {
	p.With = nil
	for _, n := range p.subject.Needs {
		if _, err := p.put(ctx, n.Path); err != nil {
			f := *faultOf(err)
			f.why = n.String() + ": " + f.why
			return &f
		}
		p.With = append(p.With, n.String())
	}
	var err error
	p.before, err = p.contents(ctx, p.namespace)
	return err
}

func (p *proof) installed(ctx context.Context) error {
	r, err := p.put(ctx, p.subject.Archive)
	p.Ready = r.Seconds.Apply + r.Seconds.Ready
	for _, o := range r.Objects {
		p.Objects = append(p.Objects, o.Kind+"/"+o.Name)
	}
	p.Images, p.Warnings = r.Images, r.Warnings
	return err
}

// put installs an archive. What was not known to have objects outside of its namespace is
// begun anew when nothing else runs.
func (p *proof) put(ctx context.Context, path string) (report, error) {
	r, err := p.install(ctx, path, p.namespace)
	for _, o := range r.Objects {
		p.alone = p.alone || o.Namespace != p.namespace
	}
	if err == nil && p.alone && !p.subject.Alone {
		err = &fault{why: "it has objects outside of its namespace", verdict: Unproven}
	}
	return r, err
}

// again installs what is installed, which changes nothing.
func (p *proof) again(ctx context.Context) error {
	r, err := p.put(ctx, p.subject.Archive)
	if err != nil {
		return err
	}
	var moved []string
	for _, o := range r.Objects {
		if o.Action != "unchanged" && o.Action != "kept" {
			moved = append(moved, fmt.Sprintf("%s %s is %s", o.Kind, o.Name, o.Action))
		}
	}
	if len(moved) > 0 {
		return failed("the same install once more changes something: %s", strings.Join(moved, ", "))
	}
	return nil
}

// tests runs the Kube's own tests, each a step.
func (p *proof) tests(ctx context.Context, when string) bool {
	if !p.subject.Tests {
		return true
	}
	var tests []struct {
		Name, Why, Log string
		Passed         bool
		Seconds        float64
	}
	err := p.do(ctx, &tests, ask("test", p.subject.Archive, p.namespace, p.timeout()))
	ok := true
	for _, t := range tests {
		s := Step{Name: "tests/" + t.Name + when, Verdict: Passed, Seconds: t.Seconds}
		if !t.Passed {
			s.Verdict, s.Why, s.Said = Failed, t.Why, last(t.Log)
			p.Verdict, p.Why, ok = Failed, s.Name+": "+t.Why, false
		}
		p.Steps = append(p.Steps, s)
	}
	if err == nil || !ok {
		return ok
	}
	return p.step(ctx, "tests"+when, true, func(context.Context) error { return err })
}

func (p *proof) uninstalled(ctx context.Context) error {
	var r report
	if err := p.do(ctx, &r, ask("uninstall", p.Name, p.namespace, "purge", p.timeout())); err != nil {
		return err
	}
	var stay []string
	for _, o := range r.Remains {
		stay = append(stay, o.String())
	}
	if len(stay) > 0 {
		return failed("left behind: %s", strings.Join(stay, ", "))
	}
	return nil
}

// former installs the release before this one, and tells whether that can be done
// here: that it cannot is no fault of this one.
func (p *proof) former(ctx context.Context, had Archive) bool {
	_, err := p.put(ctx, had.Path)
	if err != nil && (!p.alone || p.subject.Alone) {
		p.Steps = append(p.Steps, Step{Name: "upgrade from " + had.Version, Verdict: Skipped, Why: fmt.Sprintf("%s cannot be installed here: %v", had.Version, err)})
	}
	return err == nil
}

func (p *proof) upgraded(ctx context.Context) error {
	return p.do(ctx, nil, ask("upgrade", p.subject.Archive, p.namespace, "allow-cluster-scoped", p.timeout()))
}
