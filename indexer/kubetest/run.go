package kubetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/kube"
)

// Options say how Kubes are proven.
type Options struct {
	Program  Program
	Dir      string        // for homes and files; of the caller, who removes it
	Limit    time.Duration // of one Kube, in all
	Parallel int           // Kubes at the same time
	Server   string        // minor version that the server has to be of, "" for any
	Now      func() time.Time
	Done     func(Result) // told of each result as it comes, one at a time
	Say      func(string) // told of what is waited for, and of what others left; nil for nobody
}

// Run proves the subjects, and gives a result of each, in their order. The error
// says that the cluster cannot be asked at all, or that ctx ended.
func Run(ctx context.Context, o Options, subjects []Subject) ([]Result, error) {
	start := life{program: o.Program, home: o.Dir + "/home", limit: o.Limit}
	here, err := o.meet(ctx, start)
	if err != nil {
		return nil, err
	}
	subjects = slices.Clone(subjects)
	results := make([]Result, len(subjects))
	var mu sync.Mutex
	one := func(i int) {
		if ctx.Err() != nil {
			return
		}
		r := here
		r.Name, r.Version, r.Tar = subjects[i].Name, subjects[i].Version, subjects[i].Tar
		if o.prove(ctx, start, &r, subjects[i]); r.alone && !subjects[i].Alone && ctx.Err() == nil {
			subjects[i].Alone = true // it has its turn later
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if results[i] = r; o.Done != nil {
			o.Done(r)
		}
	}
	for _, alone := range []bool{false, true} {
		group := errgroup.Group{}
		group.SetLimit(max(1, o.Parallel))
		if alone {
			group.SetLimit(1)
		}
		for i, s := range subjects {
			if s.Alone == alone {
				group.Go(func() error { one(i); return nil })
			}
		}
		if err := group.Wait(); err != nil {
			return nil, err
		}
	}
	return results, ctx.Err()
}

// meet asks kpm and the cluster what they are, and gives what all results say of them.
func (o Options) meet(ctx context.Context, l life) (Result, error) {
	here, err := l.contents(ctx, shared)
	if f, ok := errors.AsType[*fault](err); ok && f.code == unreachable {
		return Result{}, errcode.With(errcode.UnreachableCluster, nil, err)
	}
	if err != nil {
		return Result{}, err
	}
	var version struct{ Version string }
	if err := l.do(ctx, &version, Command{Verb: "version"}); err != nil {
		return Result{}, err
	}
	server := serverVersion(here.Server)
	if server == "" || version.Version == "" {
		return Result{}, errors.New("what is driven is no kpm: it says no version of itself, or of the server")
	}
	if o.Server != "" && !strings.HasPrefix(server, o.Server+".") {
		return Result{}, fmt.Errorf("servers of Kubernetes %s are meant, and the cluster runs %s", o.Server, server)
	}
	return Result{Kpm: version.Version, Server: server, Nodes: nodesOf(here.Kubelets)}, nil
}

// prove proves one subject, unless it is not for this server.
func (o Options) prove(ctx context.Context, start life, r *Result, s Subject) {
	began := o.Now()
	defer func() { r.Seconds = o.Now().Sub(began).Seconds() }()
	r.Verdict = Passed
	want, err := kube.ParseRange(s.Kubernetes)
	if err == nil && s.Kubernetes != "" {
		if ok, err := want.AdmitsServer(r.Server); err == nil && !ok {
			r.Verdict, r.Why = Skipped, "it wants Kubernetes "+s.Kubernetes+", this is "+r.Server
			return
		}
	}
	if s.Refused != nil {
		r.Verdict, r.Why, r.Steps = s.Refused.Verdict, s.Refused.Name+": "+s.Refused.Why, []Step{*s.Refused}
		return
	}
	if s.Alone {
		end, err := o.turn(ctx, start)
		if err != nil {
			r.Verdict, r.Why = Unproven, "it needs the cluster for itself: "+err.Error()
			return
		}
		defer end()
	}
	last := cleaning(o.Limit)
	ctx, cancel := context.WithTimeout(ctx, o.Limit-last)
	defer cancel()
	p := &proof{
		Result: r, subject: s, now: o.Now, dir: o.Dir, cleaning: last,
		life: life{program: o.Program, home: o.Dir + "/home-" + s.Name, limit: o.Limit / 2},
	}
	p.run(ctx)
}
