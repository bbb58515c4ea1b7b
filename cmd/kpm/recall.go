package main

import (
	"fmt"

	"github.com/kpm-sh/kpm/client/repos"
)

// recalled warns of what is installed and was taken back, and says what to type.
func (s *stdio) recalled(all []repos.Recall) {
	for _, r := range all {
		s.warn(recallText(r) + "; " + s.insteadOf(r))
	}
}

// recallText says what was taken back, and why. Of a Kube that is gone no version
// may be had any more.
func recallText(r repos.Recall) string {
	what := fmt.Sprintf("%s %s", r.Name, r.Version)
	if r.Namespace != "" {
		what += " in namespace " + r.Namespace
	}
	switch r.Kind {
	case repos.Gone:
		return fmt.Sprintf("%s: %s is gone from repository %s: %s", what, r.Name, r.Repository, r.Reason)
	case repos.Withdrawn:
		return fmt.Sprintf("%s: its archive was withdrawn from repository %s: %s", what, r.Repository, r.Reason)
	}
	return fmt.Sprintf("%s was %s by repository %s: %s", what, r.Kind, r.Repository, r.Reason)
}

// insteadOf is what to type about an installation that was taken back.
func (s *stdio) insteadOf(r repos.Recall) string {
	if r.Instead == "" {
		return fmt.Sprintf("nothing takes its place: type %s uninstall %s -n %s, or keep it knowing that", s.name, r.Name, r.Namespace)
	}
	return fmt.Sprintf("type %s upgrade %s@%s -n %s", s.name, r.Name, r.Instead, r.Namespace)
}

// recallsByID finds the recall of an installation.
func recallsByID(all []repos.Recall) func(namespace, name string) *repos.Recall {
	byID := map[[2]string]*repos.Recall{}
	for i, r := range all {
		byID[[2]string{r.Namespace, r.Name}] = &all[i]
	}
	return func(namespace, name string) *repos.Recall { return byID[[2]string{namespace, name}] }
}
