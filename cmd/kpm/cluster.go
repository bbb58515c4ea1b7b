package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
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
func (f clusterFlags) connect(ctx context.Context, std *stdio) (*api.Client, error) {
	paths, err := f.kubeconfigs(std)
	if err != nil {
		return nil, err
	}
	if err := areFiles(paths); err != nil {
		return nil, err
	}
	return api.Connect(ctx, api.Options{
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

// thisProcess is this process, as others see it who wait for it.
func thisProcess(ctx context.Context, k *api.Client) history.Holder {
	return history.Here(rand.Text(), k.WhoAmI(ctx))
}

// blocked says why an object does not become ready.
func (s *stdio) blocked(b ready.Blocked) {
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

func container(c ready.Container) string {
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
