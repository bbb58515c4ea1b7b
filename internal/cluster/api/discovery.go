package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"golang.org/x/sync/errgroup"
)

// Resource is what the server calls a kind.
type Resource struct {
	Group, Version, Kind string
	Plural               string
	Namespaced           bool
	Verbs                []string
}

const aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList," +
	"application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"

// discover asks for all kinds, in two requests where the server aggregates them
// (since 1.26) and in one for each group version otherwise.
func discover(ctx context.Context, c *Client) (*kinds, error) {
	all := newKinds()
	for _, path := range []string{"/api", "/apis"} {
		a, err := c.Do(ctx, Request{Method: http.MethodGet, Path: path, accept: aggregated})
		if err != nil {
			return nil, fmt.Errorf("asking %s for its kinds: %w", c.Host, err)
		}
		list, err := parseDiscovery(a.Body)
		if errors.Is(err, errNotAggregated) {
			list, err = discoverEach(ctx, c, path, a.Body)
		}
		if err != nil {
			return nil, fmt.Errorf("asking %s for its kinds: %w", c.Host, err)
		}
		all.add(list)
	}
	return all, nil
}

// discovery is what one answer says: kinds, and the group versions that a server
// behind the server should know but does not answer for.
type discovery struct {
	resources []Resource
	stale     []string
}

var errNotAggregated = errors.New("discovery is not aggregated")

// parseDiscovery reads an APIGroupDiscoveryList, which apidiscovery.k8s.io/v2
// defines.
func parseDiscovery(data []byte) (discovery, error) {
	var list struct {
		Kind  string
		Items []struct {
			Metadata struct{ Name string }
			Versions []struct {
				Version   string
				Freshness string
				Resources []struct {
					Resource     string
					ResponseKind *struct{ Group, Version, Kind string }
					Scope        string
					Verbs        []string
				}
			}
		}
	}
	if err := json.Unmarshal(data, &list); err != nil {
		return discovery{}, err
	}
	if list.Kind != "APIGroupDiscoveryList" {
		return discovery{}, errNotAggregated
	}
	var d discovery
	for _, group := range list.Items {
		for _, v := range group.Versions {
			if v.Freshness == "Stale" {
				d.stale = append(d.stale, JoinVersion(group.Metadata.Name, v.Version))
			}
			for _, r := range v.Resources {
				if r.ResponseKind == nil || r.ResponseKind.Kind == "" {
					continue
				}
				d.resources = append(d.resources, Resource{
					Group: group.Metadata.Name, Version: v.Version, Kind: r.ResponseKind.Kind,
					Plural: r.Resource, Namespaced: r.Scope == "Namespaced", Verbs: r.Verbs,
				})
			}
		}
	}
	return d, nil
}

// discoverEach reads the answer of an older server to GET path and asks for what
// it lists.
func discoverEach(ctx context.Context, c *Client, path string, data []byte) (discovery, error) {
	versions, err := parseVersions(data)
	if err != nil {
		return discovery{}, err
	}
	found := make([]discovery, len(versions))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(Parallel)
	for i, v := range versions {
		group.Go(func() error {
			a, err := c.Do(ctx, Request{Method: http.MethodGet, Path: path + "/" + v})
			if errors.Is(err, ErrUnreachable) || errors.Is(err, ErrNotFound) {
				found[i].stale = []string{v} // the server behind it is away, the others may do
				return nil
			}
			if err == nil {
				found[i], err = parseResources(v, a.Body)
			}
			return err
		})
	}
	err = group.Wait()
	var d discovery
	for _, f := range found {
		d.resources = append(d.resources, f.resources...)
		d.stale = append(d.stale, f.stale...)
	}
	return d, err
}

// parseVersions reads an APIVersions or an APIGroupList into "v1", "apps/v1".
func parseVersions(data []byte) ([]string, error) {
	var list struct {
		Versions []string
		Groups   []struct {
			Versions []struct{ GroupVersion string }
		}
	}
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, err
	}
	versions := list.Versions
	for _, g := range list.Groups {
		for _, v := range g.Versions {
			versions = append(versions, v.GroupVersion)
		}
	}
	return versions, nil
}

// parseResources reads an APIResourceList.
func parseResources(groupVersion string, data []byte) (discovery, error) {
	var list struct {
		Resources []struct {
			Name, Kind string
			Namespaced bool
			Verbs      []string
		}
	}
	if err := json.Unmarshal(data, &list); err != nil {
		return discovery{}, err
	}
	var d discovery
	group, version := SplitVersion(groupVersion)
	for _, r := range list.Resources {
		d.resources = append(d.resources, Resource{
			Group: group, Version: version, Kind: r.Kind, Plural: r.Name, Namespaced: r.Namespaced, Verbs: r.Verbs,
		})
	}
	return d, nil
}
