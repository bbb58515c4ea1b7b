package admit

import "strings"

// serviceAnnotations are old ways to say what the spec of a Service says today.
const (
	rangesAnnotation = "service.beta.kubernetes.io/load-balancer-source-ranges"
	topologyMode     = "service.kubernetes.io/topology-mode"
	topologyHints    = "service.kubernetes.io/topology-aware-hints"
)

// annotatedService holds annotations of a Service that servers read to its spec.
func annotatedService(at *path, o object, f *faults) {
	all := o.mapping("metadata", "annotations")
	here := at.field("metadata").field("annotations")
	spec := o.mapping("spec")
	if mode, hints := all.text(topologyMode), all.text(topologyHints); all.has(topologyMode) && all.has(topologyHints) && mode != hints {
		f.add(here.field(topologyMode), Meaning, "is %s, and %s is %s", short(mode), topologyHints, short(hints))
	}
	ranges, there := all[rangesAnnotation].(string)
	if !there || len(spec.list("loadBalancerSourceRanges")) > 0 {
		return
	}
	here = here.field(rangesAnnotation)
	if spec.text("type") != "LoadBalancer" {
		f.add(here, Meaning, "is set, and type is not LoadBalancer")
	}
	if strings.TrimSpace(ranges) == "" {
		return
	}
	for one := range strings.SplitSeq(ranges, ",") {
		one = strings.TrimSpace(one)
		if text := cidr(one); text != "" {
			f.add(here, Format, "%s", text)
		} else if text := strictCIDR(one); text != "" {
			f.since(strictAddresses, here, Format, "%s", text)
		}
	}
}

// clusterIPs holds the addresses of a Service to each other, and to their families.
func clusterIPs(at *path, o object, f *faults) {
	ips := o.texts("clusterIPs")
	if o.text("type") == "ExternalName" {
		return // which has none
	}
	here := at.field("clusterIPs")
	switch first := o.text("clusterIP"); {
	case len(ips) > 0 && first == "":
		f.add(here, Meaning, "is set, and clusterIP is not")
	case len(ips) > 0 && ips[0] != first:
		f.add(here, Meaning, "has to begin with the clusterIP")
	case len(ips) == 0 && first != "":
		ips = []string{first}
	}
	if len(ips) > 2 {
		f.add(here, Range, "has %d items, and may have one of each family", len(ips))
	}
	if len(ips) > 1 {
		for i, one := range ips {
			if one == "None" {
				f.add(here.item(i), Meaning, "is None, which stands alone")
			}
		}
		sameFamily(here, ips, f)
	}
	families(here, ips, o.texts("ipFamilies"), f)
}

func sameFamily(at *path, ips []string, f *faults) {
	a, ok := address(ips[0])
	b, known := address(ips[1])
	if ok && known && a.Unmap().Is4() == b.Unmap().Is4() {
		f.add(at.item(1), Meaning, "is %s, of the same family as %s", ips[1], ips[0])
	}
}

// oneOfEachFamily wants of two ranges of addresses that they are of two families.
func oneOfEachFamily(field string) check {
	return func(at *path, o object, f *faults) {
		all := o.texts(field)
		if len(all) != 2 || cidr(all[0])+cidr(all[1]) != "" {
			return
		}
		if strings.Contains(all[0], ":") == strings.Contains(all[1], ":") {
			f.add(at.field(field).item(1), Meaning, "is %s, of the same family as %s", all[1], all[0])
		}
	}
}

func families(at *path, ips, names []string, f *faults) {
	for i := range min(len(ips), len(names)) {
		a, ok := address(ips[i])
		if is4 := a.Unmap().Is4(); ok && (names[i] == "IPv4" && !is4 || names[i] == "IPv6" && is4) {
			f.add(at.item(i), Meaning, "is %s, and ipFamilies says %s", ips[i], names[i])
		}
	}
}
