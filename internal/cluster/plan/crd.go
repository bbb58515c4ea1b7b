package plan

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// loses refuses a CRD that drops a version in which objects are stored.
func loses(p *planner, d *desired, live map[string]any) bool {
	if !d.ref.Is("apiextensions.k8s.io", "CustomResourceDefinition") {
		return false
	}
	lost := lostVersions(live, d.value)
	if len(lost) > 0 {
		p.refuse(d, CodeCRD, "objects may be stored as "+strings.Join(lost, ", ")+", which it no longer has: write them anew in a version that stays, then take the other out of the status.storedVersions of the definition")
	}
	return len(lost) > 0
}

// noteCRD notes what an upgrade of a CRD forbids that objects may have.
func noteCRD(ctx context.Context, p *planner, d *desired, live, after map[string]any) {
	if !d.ref.Is("apiextensions.k8s.io", "CustomResourceDefinition") {
		return
	}
	if narrowed := narrowing(live, after); len(narrowed) > 0 {
		used := usage(ctx, p.Client, live)
		for _, n := range narrowed {
			p.addCRD(Note{Ref: d.ref, Text: fmt.Sprintf("%s (%s)", n, used)})
		}
	}
}

// lostVersions are the versions in which objects may be stored and which are not
// in after.
func lostVersions(live, after map[string]any) []string {
	var lost []string
	for _, version := range object.Texts(live, "status", "storedVersions") {
		if crdVersion(after, version) == nil {
			lost = append(lost, version)
		}
	}
	return lost
}

func crdVersion(crd map[string]any, name string) map[string]any {
	for _, v := range object.List(crd, "spec", "versions") {
		if object.Text(v, "name") == name {
			return v
		}
	}
	return nil
}

// narrowing says what objects of a CRD could have that they cannot have
// afterwards.
func narrowing(live, after map[string]any) []string {
	var found []string
	for _, before := range object.List(live, "spec", "versions") {
		name := object.Text(before, "name")
		served, _ := before["served"].(bool)
		now := crdVersion(after, name)
		if stillServed, _ := now["served"].(bool); served && !stillServed {
			found = append(found, name+" is no longer served")
			continue
		}
		n := &narrower{}
		n.schema(name+":", object.Map(before, "schema", "openAPIV3Schema"), object.Map(now, "schema", "openAPIV3Schema"))
		found = append(found, n.found...)
	}
	return found
}

// narrower compares two structural schemas.
type narrower struct{ found []string }

func (n *narrower) say(path, format string, args ...any) {
	n.found = append(n.found, path+" "+fmt.Sprintf(format, args...))
}

func (n *narrower) schema(path string, before, after map[string]any) {
	if before == nil || after == nil {
		return
	}
	if b, a := object.Text(before, "type"), object.Text(after, "type"); b != a {
		n.say(path, "is %s, was %s", cmp.Or(a, "any"), cmp.Or(b, "any"))
		return
	}
	n.properties(path, before, after)
	for _, name := range object.Texts(after, "required") {
		if !slices.Contains(object.Texts(before, "required"), name) {
			n.say(path+"."+name, "is required")
		}
	}
	n.enum(path, before, after)
	for _, word := range []string{"minimum", "minLength", "minItems", "minProperties"} {
		n.bound(path, word, before, after, 1)
	}
	for _, word := range []string{"maximum", "maxLength", "maxItems", "maxProperties"} {
		n.bound(path, word, before, after, -1)
	}
	for _, word := range []string{"pattern", "format"} {
		if a := object.Text(after, word); a != "" && a != object.Text(before, word) {
			n.say(path, "has a new %s", word)
		}
	}
	n.schema(path+"[]", object.Map(before, "items"), object.Map(after, "items"))
	n.schema(path+"{}", object.Map(before, "additionalProperties"), object.Map(after, "additionalProperties"))
}

func (n *narrower) properties(path string, before, after map[string]any) {
	open, _ := after["x-kubernetes-preserve-unknown-fields"].(bool)
	for name := range object.Map(before, "properties") {
		below := object.Map(after, "properties", name)
		if below == nil && !open {
			n.say(path+"."+name, "is gone")
		}
		n.schema(path+"."+name, object.Map(before, "properties", name), below)
	}
	if was, _ := before["x-kubernetes-preserve-unknown-fields"].(bool); was && !open {
		n.say(path, "no longer takes unknown fields")
	}
	slices.Sort(n.found)
}

func (n *narrower) enum(path string, before, after map[string]any) {
	allowed, limited := after["enum"].([]any)
	was, wasLimited := before["enum"].([]any)
	if limited && !wasLimited {
		n.say(path, "has a new enum")
	}
	for _, v := range was {
		if limited && !slices.ContainsFunc(allowed, func(a any) bool { return fmt.Sprint(a) == fmt.Sprint(v) }) {
			n.say(path, "no longer takes %v", v)
		}
	}
}

// bound compares a limit; sign is 1 where a higher one is narrower.
func (n *narrower) bound(path, word string, before, after map[string]any, sign float64) {
	a, limited := float(after[word])
	b, wasLimited := float(before[word])
	if limited && (!wasLimited || (a-b)*sign > 0) {
		n.say(path, "has %s %v", word, a)
	}
}

func float(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// usage says whether there are objects of a CRD.
func usage(ctx context.Context, c *api.Client, crd map[string]any) string {
	for _, v := range object.List(crd, "spec", "versions") {
		if served, _ := v["served"].(bool); !served {
			continue
		}
		r := api.Resource{Group: object.Text(crd, "spec", "group"), Version: object.Text(v, "name"), Plural: object.Text(crd, "spec", "names", "plural")}
		page, err := c.ListMetadata(ctx, r, "", metav1.ListOptions{Limit: 1})
		if err != nil {
			break
		}
		switch n := int64(len(page.Items)) + page.Remaining; n {
		case 0:
			return "no objects of it"
		case 1:
			return "1 object of it"
		default:
			return fmt.Sprintf("%d objects of it", n)
		}
	}
	return "it is unknown whether it is in use"
}
