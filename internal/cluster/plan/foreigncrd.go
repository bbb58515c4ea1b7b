package plan

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	"github.com/kpm-sh/kpm/internal/errcode"
)

// A CRD is one for the whole cluster, and stays its owner's. Another Kube that ships
// it uses it as it is, if that will do.

// planForeignCRD plans a CRD that is there and not the installation's; done is
// false when it is to be judged as any other object.
func planForeignCRD(ctx context.Context, p *planner, d *desired, live map[string]any) (done bool) {
	wants := usesCRD(p, d.ref)
	if p.adopts(d.ref) && !wants || p.request.Installation.OwnerOf(live) == api.Unowned && !wants {
		return false
	}
	whose := whose(ctx, p, live)
	if lacks := unserved(p, d, live); len(lacks) > 0 && !wants {
		past := way{code: errcode.OthersCRD, object: d.ref.Name}
		if len(unservedObjects(p, d, live)) > 0 {
			past = wayToServe(ctx, p, d, live)
		}
		p.refuse(d, CodeOther, fmt.Sprintf("%s, and %s; %s", whose, strings.Join(lacks, ", "), differs(ctx, p, d, live)), past)
		return true
	}
	for _, o := range unservedObjects(p, d, live) {
		p.refuse(o, CodeOther, fmt.Sprintf("%s does not serve %s: %s", d.ref, o.ref.Version(), whose), wayToServe(ctx, p, d, live))
	}
	how := differs(ctx, p, d, live)
	p.addCRD(Note{Ref: d.ref, Text: "used as it is: " + whose + "; " + how, Stays: true})
	if how != saysTheSame {
		p.addOtherwise(otherCRD{d, whose + "; " + how, wants})
	}
	p.add(Entry{Ref: d.ref, Action: Unchanged, Source: d.source, Shared: true, Reason: whose + ", and is used as it is"})
	return true
}

// usesCRD tells whether the user named a CRD to be used as it is.
func usesCRD(p *planner, ref api.Ref) bool {
	return slices.ContainsFunc(p.request.UseCRD, func(name string) bool {
		name = strings.ToLower(name)
		return name == ref.Name || name == ref.Arg()
	})
}

// whose says whose an object is that is not the installation's.
func whose(ctx context.Context, p *planner, live map[string]any) string {
	switch owner := p.request.Installation.OwnerOf(live); {
	case owner == api.Theirs && isOrphaned(ctx, p, live):
		return "it was left by " + api.InstallationOf(live).String() + ", which is not installed any more"
	case owner == api.Theirs:
		return "it belongs to " + api.InstallationOf(live).String()
	}
	return "it is not kpm's"
}

// unserved says which versions that are needed a live CRD does not serve: those of
// the objects of the plan, or where there are none, that in which the Kube's own CRD
// stores objects.
func unserved(p *planner, d *desired, live map[string]any) []string {
	var lacks []string
	for _, o := range unservedObjects(p, d, live) {
		lacks = append(lacks, fmt.Sprintf("it does not serve %s, of which is %s", o.ref.Version(), o.ref))
	}
	used := slices.ContainsFunc(p.wanted, func(o *desired) bool { return ofCRD(o.ref, d.value) })
	for _, v := range object.List(d.value, "spec", "versions") {
		if stored, _ := v["storage"].(bool); stored && !used && !serves(live, object.Text(v, "name")) {
			lacks = append(lacks, "it does not serve "+object.Text(v, "name")+", in which this Kube stores objects")
		}
	}
	return lacks
}

// unservedObjects are those of the plan whose version a live CRD does not serve: as it is,
// it is of no use to them.
func unservedObjects(p *planner, d *desired, live map[string]any) []*desired {
	var lack []*desired
	for _, o := range p.wanted {
		if ofCRD(o.ref, d.value) && !serves(live, o.ref.Version()) {
			lack = append(lack, o)
		}
	}
	return lack
}

// wayToServe is how a live CRD comes to serve more: its owner has to change it, or, where
// it has none, the installation can.
func wayToServe(ctx context.Context, p *planner, d *desired, live map[string]any) way {
	if p.request.Installation.OwnerOf(live) == api.Theirs && !isOrphaned(ctx, p, live) {
		return way{code: errcode.OthersVersion, owner: api.InstallationOf(live)}
	}
	return way{code: errcode.Unowned, object: d.ref.Arg()}
}

func ofCRD(ref api.Ref, crd map[string]any) bool {
	return ref.Is(object.Text(crd, "spec", "group"), object.Text(crd, "spec", "names", "kind"))
}

func serves(crd map[string]any, version string) bool {
	served, _ := crdVersion(crd, version)["served"].(bool)
	return served
}

// maxDifferences is how many fields a refusal names in which a CRD differs.
const maxDifferences = 4

const saysTheSame = "this Kube's own says the same"

// blameCRDs says of refused objects that their CRD is not the one that the Kube
// brings. Whose CRD it is has to change then, unless the user wants it as it is.
func blameCRDs(p *planner) {
	for i, r := range p.plan.Refusals {
		for _, crd := range p.otherwise {
			if r.Code != CodeInvalid || !ofCRD(r.Ref, crd.value) {
				continue
			}
			r.Reason += fmt.Sprintf("; of %s, %s", crd.ref, crd.how)
			if !crd.wanted {
				r.Code = CodeOther
			}
			p.plan.Refusals[i] = r
		}
	}
}

// differs says in what the Kube's own CRD differs from a live one.
func differs(ctx context.Context, p *planner, d *desired, live map[string]any) string {
	own := *d
	own.value = runtime.DeepCopyJSON(d.value)
	labels := object.Map(own.value, "metadata", "labels")
	delete(labels, api.LabelInstallation)
	delete(labels, api.LabelNamespace)
	forced := p.dryRunOf(&own, object.Text(live, "metadata", "uid"), true)
	forced.Force = true
	after, _, err := p.ServerSideApply(ctx, forced)
	if err != nil {
		return "this Kube's own is refused: " + saidOf(err)
	}
	changes := compare(d.ref, live, after, p.plan.mask)
	if len(changes) == 0 {
		return saysTheSame
	}
	var told []string
	for _, c := range changes[:min(len(changes), maxDifferences)] {
		told = append(told, shortened(c.String()))
	}
	if more := len(changes) - len(told); more > 0 {
		told = append(told, fmt.Sprintf("%d more", more))
	}
	return "this Kube's own differs: " + strings.Join(told, "; ")
}

// shortened is a text that fits on a line or two.
func shortened(text string) string {
	const most = 120
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}
