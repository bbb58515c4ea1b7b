package api

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// load reads the kubeconfig by kubectl's rules. It returns the namespace of the
// context, "default" when there is none.
func load(o Options) (*rest.Config, string, error) {
	overrides := &clientcmd.ConfigOverrides{CurrentContext: o.Context}
	overrides.Context.Namespace = o.Namespace
	overrides.AuthInfo.Impersonate = o.As
	overrides.AuthInfo.ImpersonateGroups = o.AsGroups
	source, err := clientConfig(o, overrides)
	if err != nil {
		return nil, "", err
	}
	cfg, err := source.ClientConfig()
	switch {
	case clientcmd.IsEmptyConfig(err) || errors.Is(err, rest.ErrNotInCluster):
		return nil, "", noKubeconfig(o)
	case err != nil && lacksContext(source, o.Context):
		return nil, "", &Error{Classes: []error{ErrNotFound}, Text: fmt.Sprintf("the kubeconfig has no context %q%s", o.Context, contexts(source)), Cause: err}
	case err != nil:
		return nil, "", fmt.Errorf("reading the kubeconfig: %w", err)
	}
	namespace, _, err := source.Namespace()
	if err != nil {
		return nil, "", fmt.Errorf("reading the kubeconfig: %w", err)
	}
	cfg.QPS = -1
	cfg.UserAgent = o.UserAgent
	return cfg, namespace, nil
}

func clientConfig(o Options, overrides *clientcmd.ConfigOverrides) (clientcmd.ClientConfig, error) {
	if o.Config == nil {
		rules := &clientcmd.ClientConfigLoadingRules{Precedence: o.Kubeconfig}
		return clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, overrides), nil
	}
	raw, err := clientcmd.Load(o.Config)
	if err != nil {
		return nil, fmt.Errorf("reading the kubeconfig: %w", err)
	}
	return clientcmd.NewDefaultClientConfig(*raw, overrides), nil
}

func noKubeconfig(o Options) error {
	text := "no kubeconfig: there is no cluster to talk to"
	if len(o.Kubeconfig) > 0 {
		text = "no cluster in the kubeconfig, looked in " + strings.Join(o.Kubeconfig, ", ")
	}
	return Fault(text, ErrNoKubeconfig)
}

// lacksContext tells whether the kubeconfig does not have the context that was asked for.
func lacksContext(source clientcmd.ClientConfig, context string) bool {
	raw, err := source.RawConfig()
	return err == nil && context != "" && raw.Contexts[context] == nil
}

// contexts names those that the kubeconfig has.
func contexts(source clientcmd.ClientConfig) string {
	raw, err := source.RawConfig()
	if err != nil || len(raw.Contexts) == 0 {
		return ""
	}
	return ", but " + strings.Join(slices.Sorted(maps.Keys(raw.Contexts)), ", ")
}
