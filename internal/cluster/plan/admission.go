package plan

import (
	"context"
	"errors"
	"strings"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// admissionPrefixes are of labels and annotations of a Namespace that admission
// plugins of Kubernetes, and of OpenShift, read.
var admissionPrefixes = []string{"pod-security.kubernetes.io/", "scheduler.alpha.kubernetes.io/", "openshift.io/", "security.openshift.io/"}

// selecting are the kinds whose objects select namespaces by label, or read their
// labels in expressions, and so decide over what may be in them or reach them.
var selecting = []api.Ref{
	{APIVersion: "admissionregistration.k8s.io/v1", Kind: "ValidatingWebhookConfiguration"},
	{APIVersion: "admissionregistration.k8s.io/v1", Kind: "MutatingWebhookConfiguration"},
	{APIVersion: "admissionregistration.k8s.io/v1", Kind: "ValidatingAdmissionPolicy"},
	{APIVersion: "admissionregistration.k8s.io/v1", Kind: "ValidatingAdmissionPolicyBinding"},
	{APIVersion: "admissionregistration.k8s.io/v1", Kind: "MutatingAdmissionPolicy"},
	{APIVersion: "admissionregistration.k8s.io/v1", Kind: "MutatingAdmissionPolicyBinding"},
	{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy"},
}

// selectors are what selects namespaces in a cluster, read once.
type selectors struct {
	once   sync.Once
	found  []map[string]any
	hidden string // a kind that may not be read
}

// admittedBy says what goes by a label or an annotation of a Namespace; "" when
// nothing does. What may not be read may do so.
func (s *selectors) admittedBy(ctx context.Context, c *api.Client, kind, key string) string {
	for _, prefix := range admissionPrefixes {
		if strings.HasPrefix(key, prefix) {
			return "admission goes by"
		}
	}
	if kind != "labels" {
		return ""
	}
	s.once.Do(func() { s.read(ctx, c) })
	for _, o := range s.found {
		if selectsBy(o, key) {
			return object.Text(o, "kind") + " " + object.Text(o, "metadata", "name") + " goes by"
		}
	}
	if s.hidden != "" {
		return "a " + s.hidden + " may go by, which you may not read"
	}
	return ""
}

func (s *selectors) read(ctx context.Context, c *api.Client) {
	for _, ref := range selecting {
		r, err := c.Served(ctx, ref)
		if errors.Is(err, api.ErrNotFound) {
			continue
		}
		var page api.List
		if err == nil {
			page, err = c.ListObjects(ctx, r, "", metav1.ListOptions{})
		}
		if err != nil {
			s.hidden = ref.Kind
			continue
		}
		for _, o := range page.Items {
			o["kind"] = ref.Kind
			s.found = append(s.found, o)
		}
	}
}

// selectsBy tells whether a selector of namespaces below v names a label, or an
// expression that reads the namespace does.
func selectsBy(v any, key string) bool {
	switch v := v.(type) {
	case map[string]any:
		for name, below := range v {
			selector, _ := below.(map[string]any)
			if name == "namespaceSelector" && names(selector, key) || selectsBy(below, key) {
				return true
			}
		}
	case []any:
		for _, item := range v {
			if selectsBy(item, key) {
				return true
			}
		}
	case string:
		return strings.Contains(v, "namespaceObject") && strings.Contains(v, key)
	}
	return false
}

// names tells whether a label selector names a label.
func names(selector map[string]any, key string) bool {
	if _, ok := object.Map(selector, "matchLabels")[key]; ok {
		return true
	}
	for _, e := range object.List(selector, "matchExpressions") {
		if object.Text(e, "key") == key {
			return true
		}
	}
	return false
}
