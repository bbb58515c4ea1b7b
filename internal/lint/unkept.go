package lint

import (
	"strings"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/manifest"
)

const permissions = "what somebody may do is written as Roles and RoleBindings"

// unkept are the kinds of Kubernetes' own API that servers answer and do not keep: there
// is nothing to apply. Behind each stands what is written in its place.
var unkept = map[string]string{ // by "GROUP KIND"
	" Binding":                                      "the node of a pod is its nodeName, or what its nodeSelector selects",
	" ComponentStatus":                              "servers tell it of themselves",
	"autoscaling Scale":                             "write replicas in the object that it scales",
	"policy Eviction":                               "how many pods may go is written as a PodDisruptionBudget",
	"authentication.k8s.io TokenRequest":            "a pod gets a token by a projected volume with serviceAccountToken, others by a Secret of the type kubernetes.io/service-account-token",
	"authentication.k8s.io TokenReview":             "it asks whose a token is",
	"authentication.k8s.io SelfSubjectReview":       "it asks who one is",
	"authorization.k8s.io SubjectAccessReview":      permissions,
	"authorization.k8s.io LocalSubjectAccessReview": permissions,
	"authorization.k8s.io SelfSubjectAccessReview":  permissions,
	"authorization.k8s.io SelfSubjectRulesReview":   permissions,
}

// kept refuses an object that no server keeps.
func kept(s *scene, o manifest.Object) kube.Problems {
	group, _, named := strings.Cut(o.APIVersion, "/")
	if !named {
		group = ""
	}
	instead, is := unkept[group+" "+o.Kind]
	if !is {
		return nil
	}
	return kube.Problems{s.at(o, "not-kept", []any{"kind"}, "kind is %s, which servers answer and do not keep, so it cannot be applied: leave it out; %s", o.Kind, instead)}
}
