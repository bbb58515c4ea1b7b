package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/internal/cluster"
	"github.com/kpm-sh/kpm/internal/kube"
)

// clusterFlags say which cluster, and as whom; they are kubectl's.
type clusterFlags struct {
	Namespace  string `short:"n" type:"given" variable:"KPM_NAMESPACE" help:"Namespace (KPM_NAMESPACE; that of the context)."`
	Context    string `type:"given" variable:"KPM_CONTEXT" help:"Context of the kubeconfig (KPM_CONTEXT; its current one)."`
	Kubeconfig string `type:"given" placeholder:"FILE" help:"Kubeconfig (KUBECONFIG; ~/.kube/config)."`
	As         string `type:"given" placeholder:"USER" help:"User to impersonate."`

	RequestTimeout requestTimeout `default:"30s" help:"One request may take this long, as in 5s or 1m; a bare number is seconds, 0 is for ever."`
}

// requestTimeout is a duration as kubectl takes it.
type requestTimeout time.Duration

// UnmarshalText reads 1m30s, 90 and 0.
func (t *requestTimeout) UnmarshalText(text []byte) error {
	d, err := parseSpan(string(text))
	*t = requestTimeout(d)
	return err
}

// option is what the cluster takes, where 0 is not for ever.
func (t requestTimeout) option() time.Duration {
	if t == 0 {
		return -1
	}
	return time.Duration(t)
}

// connect connects to the cluster that is meant.
func (f clusterFlags) connect(ctx context.Context, std *stdio) (*cluster.Cluster, error) {
	paths, err := f.kubeconfigs(std)
	if err != nil {
		return nil, err
	}
	if err := areFiles(paths); err != nil {
		return nil, err
	}
	return cluster.Connect(ctx, cluster.Options{
		Kubeconfig: paths, Context: f.Context, Namespace: f.Namespace, As: f.As, Timeout: f.RequestTimeout.option(),
		UserAgent: "kpm/" + versionText(), Salt: []byte(rand.Text()),
	})
}

// kubeconfigs are the files that kubectl would read.
func (f clusterFlags) kubeconfigs(std *stdio) ([]string, error) {
	if f.Kubeconfig != "" {
		return []string{f.Kubeconfig}, nil
	}
	if paths := std.getenv("KUBECONFIG"); paths != "" {
		return filepath.SplitList(paths), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return nil, fmt.Errorf("finding the kubeconfig: %w; set KUBECONFIG", err)
	}
	return []string{filepath.Join(home, ".kube", "config")}, nil
}

// maxKubeconfig is more than a kubeconfig of thousands of clusters has, in bytes.
const maxKubeconfig = 16 << 20

// areFiles refuses kubeconfigs that would be read without end: they are read
// whole, and more than once. Those that are not there are client-go's business,
// and the null device is an empty one.
func areFiles(paths []string) error {
	for _, path := range paths {
		info, err := os.Stat(path)
		switch {
		case err != nil || path == os.DevNull || info.IsDir():
		case !info.Mode().IsRegular():
			return usage("the kubeconfig %s is a device or a pipe, which cannot be read twice; name a file", path)
		case info.Size() > maxKubeconfig:
			return usage("the kubeconfig %s has %d bytes, more than %d", path, info.Size(), maxKubeconfig)
		}
	}
	return nil
}

// here is this process, as others see it who wait for it.
func here(ctx context.Context, k *cluster.Cluster) cluster.Holder {
	return cluster.Here(rand.Text(), k.WhoAmI(ctx))
}

// waitFlags say whether to wait for what was done to take effect.
type waitFlags struct {
	NoWait  bool          `help:"Do not wait until the objects are ready, or gone; only where the order wants it."`
	Timeout time.Duration `type:"span" variable:"KPM_TIMEOUT" default:"5m" help:"Wait this long at most, in all (KPM_TIMEOUT)."`
}

func (w waitFlags) wait() client.Wait {
	return client.Wait{Wanted: !w.NoWait, Timeout: w.Timeout}
}

// blocked says why an object does not become ready.
func (s *stdio) blocked(b cluster.Blocked) {
	s.warn(fmt.Sprintf("%s: %s", b.Ref, b.Why))
	for _, c := range b.Containers {
		s.detail(container(c))
		for _, line := range c.Log {
			s.detail("  " + line)
		}
	}
	for _, e := range b.Events {
		s.detail(e)
	}
}

func container(c cluster.Container) string {
	text := "pod " + c.Pod
	if c.Name != "" {
		text += ", container " + c.Name
	}
	text += ": " + c.State
	if c.ExitCode != nil {
		text += fmt.Sprintf(", exit code %d", *c.ExitCode)
	}
	return text
}

// detail prints one line below a warning.
func (s *stdio) detail(text string) {
	s.clear()
	fmt.Fprintf(s.err, "       %s\n", kube.Clean(strings.TrimRight(text, "\n"), false))
}

// clusterCode is the exit code of an error of the cluster; 0 when it is none.
func clusterCode(err error) int {
	var conflict *client.ConflictError
	var missing *client.NotInstalledError
	switch {
	case errors.Is(err, cluster.ErrName):
		return exitUsage
	case errors.As(err, &conflict) || errors.As(err, new(*client.UnconfirmedError)) || errors.Is(err, cluster.ErrConflict):
		return exitConflict
	case errors.Is(err, cluster.ErrTimeout):
		return exitTimeout
	case errors.Is(err, cluster.ErrUnreachable) || errors.Is(err, cluster.ErrNoKubeconfig):
		return exitUnreachable
	case errors.As(err, &missing) || errors.As(err, new(*client.NoRevisionError)) || errors.Is(err, cluster.ErrNotFound):
		return exitNotFound
	}
	return 0
}

// clusterAdvice is what to type next after an error of the cluster.
func clusterAdvice(kpm string, err error) string {
	var conflict *client.ConflictError
	var missing *client.NotInstalledError
	var none *client.NoRevisionError
	var empty *client.UnrecordedError
	var late *cluster.WaitError
	var unconfirmed *client.UnconfirmedError
	switch {
	case errors.As(err, &late) && late.OnlyStays():
		return "see that what has to take the finalizers off runs; then the same command again goes on. If it is gone for good, take them off yourself"
	case errors.As(err, &unconfirmed) && unconfirmed.Hook:
		return fmt.Sprintf("look at it, and say --accept-recorded %s/%s; or --run-hook, which makes all of it anew: a volume that knows the old password will not open",
			unconfirmed.Installation.Namespace, unconfirmed.Installation.Name)
	case errors.As(err, &unconfirmed):
		return fmt.Sprintf("look at it, and say --accept-recorded %s/%s; or %s uninstall %s -n %s, which removes the record alone",
			unconfirmed.Installation.Namespace, unconfirmed.Installation.Name, kpm, unconfirmed.Installation.Name, unconfirmed.Installation.Namespace)
	case errors.As(err, &none):
		return fmt.Sprintf("%s history %s -n %s", kpm, none.Installation.Name, none.Installation.Namespace)
	case errors.As(err, &empty):
		return fmt.Sprintf("%s upgrade -n %s with version %s of %s, from wherever you have it", kpm, empty.Installation.Namespace, empty.Version, empty.Installation.Name)
	case errors.Is(err, cluster.ErrDamaged):
		return fmt.Sprintf("%s rollback NAME REVISION, to an earlier one; or delete the Secret of that revision, and what it made, yourself", kpm)
	case errors.As(err, &conflict):
		return fmt.Sprintf("%s upgrade %s -n %s, with the version and the values that you want", kpm, conflict.Installation.Name, conflict.Installation.Namespace)
	case errors.As(err, &missing) && missing.Local:
		return fmt.Sprintf("%s install -n %s with %s, from wherever you have it", kpm, missing.Installation.Namespace, missing.Installation.Name)
	case errors.As(err, &missing) && missing.Tried:
		return fmt.Sprintf("%s install %s -n %s", kpm, missing.Installation.Name, missing.Installation.Namespace)
	case errors.As(err, &missing):
		return kpm + " list -A"
	case errors.Is(err, cluster.ErrNoKubeconfig):
		return "say --kubeconfig FILE, or set KUBECONFIG"
	case errors.Is(err, cluster.ErrUnknownUser) && errors.Is(err, cluster.ErrSlow):
		return "log in to the cluster as that program wants it, and run it again; or give it longer with --request-timeout"
	case errors.Is(err, cluster.ErrSlow):
		return "give it longer with --request-timeout, or look for what slows the server down"
	case errors.Is(err, cluster.ErrUnreachable):
		return "see that the server is up and that the kubeconfig leads to it; the same command again goes on where this ended"
	case errors.Is(err, cluster.ErrBusy):
		return "wait for that to end, or say a longer --timeout"
	case errors.Is(err, cluster.ErrTimeout):
		return "mend what keeps it, or give it longer with --timeout"
	case errors.Is(err, cluster.ErrStale):
		return "run it again"
	case errors.Is(err, cluster.ErrUnknownUser):
		return "log in to the cluster again, a token may have expired; or say another --kubeconfig or --context"
	case errors.Is(err, cluster.ErrUnanswered):
		return "see that what is behind the webhook runs, then run it again; a webhook whose server is gone for good has to be deleted"
	case errors.Is(err, cluster.ErrForbidden):
		return "change what is refused, or ask who administers the cluster to allow it; --kubeconfig, --context and --as say another user"
	}
	return ""
}
