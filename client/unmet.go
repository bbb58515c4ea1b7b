package client

import (
	"context"
	"fmt"

	"github.com/kpm-sh/kpm/client/solve"
	"github.com/kpm-sh/kpm/internal/cluster"
	"github.com/kpm-sh/kpm/internal/kube"
)

// Unmet says what the Kube needs and the cluster does not have, a line each: the
// dependencies of which no installation is of a version that will do, and the
// version of the server. An installation in another namespace that will do is told,
// and so is one that would if it could be reached. So are installations that need the version that this one leaves.
func (in *Installing) Unmet(ctx context.Context) ([]string, error) {
	d := in.needs()
	lacks, err := in.server()
	if err != nil || len(d.Needs) == 0 && !in.moves() {
		return lacks, err
	}
	all, err := in.companions(ctx)
	if err != nil {
		return nil, err
	}
	for _, need := range d.Needs {
		at, aloof, err := all.meeting(need, in.ID.Namespace)
		switch {
		case err != nil:
			return nil, fmt.Errorf("reading which %s %s wants: %w", need.Name, in.ID.Name, err)
		case aloof != nil:
			lacks = append(lacks, fmt.Sprintf("Dependency %s does not seem to be satisfied: %s is in namespace %s, where nobody in namespace %s finds it by its name.",
				wanted(need), aloof.Installed.Version, aloof.Installation.Namespace, in.ID.Namespace))
		case at == nil:
			lacks = append(lacks, fmt.Sprintf("Dependency %s does not seem to be satisfied.", wanted(need)))
		case at.Installation.Namespace != in.ID.Namespace:
			in.client.note(fmt.Sprintf("Dependency %s: %s is in namespace %s", need.Name, at.Installed.Version, at.Installation.Namespace))
		}
	}
	if in.moves() {
		lacks = append(lacks, all.deserted(in.ID, &cluster.Revision{Version: d.Version})...)
	}
	return lacks, nil
}

// companions are the installations that may meet a need, also those that come before
// this one.
func (in *Installing) companions(ctx context.Context) (companions, error) {
	all, err := beside(ctx, in.cluster, in.ID.Namespace)
	all.there = append(all.there, in.coming...)
	return all, err
}

// moves reports whether the version of something installed changes.
func (in *Installing) moves() bool {
	had := in.state.Installed()
	return had != nil && had.Version != in.needs().Version
}

// needs are the name, the version and the dependencies of what is installed, as
// the signed index or else the Kube itself says.
func (in *Installing) needs() solve.Kube {
	if in.back.unverified() {
		return solve.Kube{Name: in.ID.Name, Version: in.back.record.Version, Needs: in.back.record.Dependencies}
	}
	if in.release == nil {
		return rootOf(in.taken.Kube)
	}
	return in.release.root()
}

// server says whether the version of the server is not one that the Kube wants.
func (in *Installing) server() ([]string, error) {
	wanted := ""
	switch {
	case in.back.unverified():
		return nil, nil // it was good enough then
	case in.release != nil:
		wanted = in.release.Kubernetes
	default:
		wanted = in.taken.Kube.Kubernetes.String()
	}
	admit, err := kube.ParseRange(wanted)
	if err != nil {
		return nil, fmt.Errorf("reading which Kubernetes %s wants: %w", in.ID.Name, err)
	}
	if ok, err := admit.AdmitsServer(in.cluster.Version); err != nil || ok {
		return nil, nil //nolint:nilerr // a server that tells no version is none to refuse
	}
	return []string{fmt.Sprintf("%s wants Kubernetes %s, and this is %s.", in.ID.Name, wanted, in.cluster.Version)}, nil
}
