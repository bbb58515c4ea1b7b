package kubetest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// How long a run waits for another one's turn, which ends by itself soon after that is lost;
// how often a turn is kept (history.Turn); and how long giving it back may take.
const (
	turnPatience = 24 * time.Hour
	turnBeat     = 15 * time.Second
	turnEnd      = 30 * time.Second
)

// turn waits until no other run tests a Kube that needs the cluster for itself, and gives
// what ends the turn. What such runs left that were killed is taken away first.
func (o Options) turn(ctx context.Context, l life) (end func(), err error) {
	holder := "kpm-indexer-test-" + strings.ToLower(rand.Text()[:8])
	turn := func(ctx context.Context, flags ...string) error {
		return l.do(ctx, nil, Command{Verb: "__turn", Operand: holder, Namespace: shared, Flags: flags})
	}
	err = turn(ctx)
	if f, ok := errors.AsType[*fault](err); ok && f.code == timedOut {
		o.say("Waiting for another test that has the cluster for itself: %s", f.why)
		err = turn(ctx, "timeout="+turnPatience.String())
	}
	if err != nil {
		return func() {}, err
	}
	keeping, stop := context.WithCancel(context.WithoutCancel(ctx))
	var kept sync.WaitGroup
	kept.Go(func() {
		beat := time.NewTicker(turnBeat)
		defer beat.Stop()
		for keeping.Err() == nil {
			select {
			case <-beat.C:
				_ = turn(keeping, "keep") //nolint:errcheck // the next one may succeed
			case <-keeping.Done():
			}
		}
	})
	end = func() {
		stop()
		kept.Wait()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), turnEnd)
		defer cancel()
		if err := turn(ctx, "end"); err != nil {
			o.say("The turn in the cluster was not given back, and ends by itself: %v", err)
		}
	}
	if err := o.sweep(ctx, l); err != nil {
		end()
		return func() {}, err
	}
	return end, nil
}

// sweep takes away objects of the whole cluster that lie there for tests, with their
// namespaces: whoever has the turn knows that those who made them are gone.
func (o Options) sweep(ctx context.Context, l life) error {
	here, err := l.contents(ctx, shared)
	if err != nil {
		return err
	}
	dead := map[string]bool{}
	for _, c := range here.Objects {
		namespace, name, _ := strings.Cut(c.Of, "/")
		if c.Namespace != "" || dead[c.Of] || !ofTests.MatchString(namespace) || !here.made(namespace) {
			continue
		}
		dead[c.Of] = true
		o.say("Taking away what a test left that was killed: %s in namespace %s", name, namespace)
		_, err := l.drop(ctx, name, namespace, l.timeout())
		_, alsoErr := l.drop(ctx, namespace, shared, l.timeout())
		if err := errors.Join(err, alsoErr); err != nil {
			return fmt.Errorf("taking away what a test left that was killed: %w", err)
		}
	}
	return nil
}

// made reports whether a test made the namespace.
func (c contents) made(namespace string) bool {
	for _, o := range c.Objects {
		if o.Kind == "Namespace" && o.Name == namespace && o.Of == shared+"/"+namespace {
			return true
		}
	}
	return false
}

func (o Options) say(format string, args ...any) {
	if o.Say != nil {
		o.Say(fmt.Sprintf(format, args...))
	}
}
