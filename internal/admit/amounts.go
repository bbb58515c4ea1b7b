package admit

import (
	"maps"
	"math/big"
	"strings"
)

// amountChecks are the rules of how much pods and their containers ask for.
var amountChecks = map[string][]check{
	"core.v1.PodSpec":              {podResources, hugePages, overhead},
	"core.v1.ResourceRequirements": {resources, limited},
}

func overhead(at *path, o object, f *faults) { amounts(at.field("overhead"), o.mapping("overhead"), f) }

// podResources are those that a pod can ask for as a whole.
func podResources(at *path, o object, f *faults) {
	all := o.mapping("resources")
	for _, list := range []string{"limits", "requests"} {
		for _, name := range sorted(all.mapping(list)) {
			if name != "cpu" && name != "memory" && !strings.HasPrefix(name, "hugepages-") {
				f.add(at.field("resources").field(list).field(name), Words, "is nothing that a whole pod can ask for: write cpu, memory or hugepages-SIZE")
			}
		}
	}
	f.without(at.field("resources"), all, "a whole pod has none", "claims")
	withinPod(at, o, f)
}

// withinPod holds what containers ask for to what their pod does.
func withinPod(at *path, o object, f *faults) {
	requests, limits := o.mapping("resources", "requests"), o.mapping("resources", "limits")
	if len(requests)+len(limits) == 0 {
		return
	}
	here := at.field("resources")
	requested, limited := sums(o, requestsOf(at.up == nil)), sums(o, limitsOf)
	for _, name := range sorted(requests) {
		if most, ok := amount(requests[name]); ok && exceeds(requested[name], most) {
			f.add(here.field("requests").field(name), Meaning, "is %v, less than its containers ask for together", requests[name])
		}
	}
	for _, name := range sorted(limits) {
		most, ok := amount(limits[name])
		if !ok {
			continue
		}
		// What a Pod does not request is what its containers do, and no more than its limit.
		_, set := requests[name]
		if at.up == nil && !set && exceeds(requested[name], most) || strings.HasPrefix(name, "hugepages-") && exceeds(limited[name], most) {
			f.add(here.field("limits").field(name), Meaning, "is %v, less than its containers ask for together", limits[name])
		}
	}
	eachLimit(at, o, limits, f)
}

// exceeds tells whether a sum is above most; nil is that nobody asks.
func exceeds(sum, most *big.Rat) bool { return sum != nil && sum.Cmp(most) > 0 }

func eachLimit(at *path, o, limits object, f *faults) {
	for i, c := range o.items("containers") {
		own := limitsOf(c)
		for _, name := range sorted(own) {
			q, ok := amount(own[name])
			if most, bound := amount(limits[name]); ok && bound && q.Cmp(most) > 0 {
				f.add(at.field("containers").item(i).field("resources").field("limits").field(name), Meaning, "is more than the limit of the pod, %v", limits[name])
			}
		}
	}
}

// requestsOf is what a container requests. In a Pod, and not in a template, that is what it
// is limited to where it says nothing.
func requestsOf(inPod bool) func(c object) object {
	return func(c object) object {
		requests := c.mapping("resources", "requests")
		if !inPod {
			return requests
		}
		all := maps.Clone(limitsOf(c))
		if all == nil {
			all = object{}
		}
		for name, v := range requests {
			if _, ok := amount(v); ok {
				all[name] = v
			}
		}
		return all
	}
}

func limitsOf(c object) object { return c.mapping("resources", "limits") }

// sums is what the containers of a pod need at once, by resource: init containers run one by
// one, but for those that go on.
func sums(pod object, of func(c object) object) map[string]*big.Rat {
	sum, most, lasting := rats{}, rats{}, rats{}
	for _, c := range pod.items("initContainers") {
		for name, v := range of(c) {
			q, ok := amount(v)
			if !ok {
				continue
			}
			now := new(big.Rat).Add(lasting.of(name), q)
			if c.text("restartPolicy") == "Always" {
				lasting[name] = now
			}
			if now.Cmp(most.of(name)) > 0 {
				most[name] = now
			}
		}
	}
	for _, c := range pod.items("containers") {
		for name, v := range of(c) {
			if q, ok := amount(v); ok {
				sum[name] = new(big.Rat).Add(sum.of(name), q)
			}
		}
	}
	for name, q := range lasting {
		sum[name] = new(big.Rat).Add(sum.of(name), q)
	}
	for name, q := range most {
		if q.Cmp(sum.of(name)) > 0 {
			sum[name] = q
		}
	}
	return sum
}

// rats are amounts by resource; what is not there is 0.
type rats map[string]*big.Rat

func (r rats) of(name string) *big.Rat {
	if q := r[name]; q != nil {
		return q
	}
	return zero
}

// hugePages wants processors or memory beside them.
func hugePages(at *path, o object, f *faults) {
	for _, list := range containerLists {
		for i, c := range o.items(list) {
			huge, other := false, false
			for _, key := range []string{"limits", "requests"} {
				for name := range c.mapping("resources", key) {
					huge = huge || strings.HasPrefix(name, "hugepages-")
					other = other || name == "cpu" || name == "memory"
				}
			}
			if huge && !other {
				f.add(at.field(list).item(i).field("resources"), Meaning, "asks for huge pages, and for neither cpu nor memory")
			}
		}
	}
}

// limited wants a limit of what cannot be shared.
func limited(at *path, o object, f *faults) {
	for _, name := range sorted(o.mapping("requests")) {
		whole := strings.HasPrefix(name, "hugepages-") || foreign(name)
		request, ok := amount(o.mapping("requests")[name])
		limit, there := amount(o.mapping("limits")[name])
		switch {
		case !whole || !ok:
		case !there:
			f.add(at.field("limits").field(name), Required, "is missing, and it is requested: nobody can have more or less of it")
		case strings.HasPrefix(name, "hugepages-") && request.Cmp(limit) != 0:
			f.add(at.field("requests").field(name), Meaning, "is %v, and has to be the limit of %v", o.mapping("requests")[name], o.mapping("limits")[name])
		}
	}
}

func resources(at *path, o object, f *faults) {
	for _, list := range []string{"limits", "requests"} {
		amounts(at.field(list), o.mapping(list), f)
	}
	requestsWithinLimits(at, o, f)
}

// amounts holds resources to what containers may have of them.
func amounts(at *path, m object, f *faults) {
	for _, name := range sorted(m) {
		here := at.field(name)
		if text := qualified(name); text != "" || name == "" {
			f.add(here, Format, "%s", text)
			continue
		}
		if !strings.Contains(name, "/") && !standard(name) {
			f.add(here, Words, "is no resource of a container: write cpu, memory, ephemeral-storage, hugepages-SIZE or a name with a domain")
		}
		foreign := foreign(name)
		if foreign && (strings.HasPrefix(name, "requests.") || qualified("requests."+name) != "") {
			f.add(here, Words, "is no name of a resource: quotas put requests. before names")
		}
		switch q, ok := amount(m[name]); {
		case !ok:
		case foreign && !q.IsInt():
			f.add(here, Range, "is %v, and has to be a whole number", m[name])
		case strings.HasPrefix(name, "hugepages-") && !pages(name, q):
			f.add(here, Range, "is %v, and has to be a multiple of the size of a page, %s", m[name], strings.TrimPrefix(name, "hugepages-"))
		}
	}
}

// foreign tells whether a resource is none of Kubernetes itself.
func foreign(name string) bool {
	return strings.Contains(name, "/") && !strings.Contains(name, "kubernetes.io/")
}

// pages tells whether an amount is of whole huge pages.
func pages(name string, q *big.Rat) bool {
	size, ok := parseQuantity(strings.TrimPrefix(name, "hugepages-"))
	return ok && size.Sign() > 0 && size.IsInt() && new(big.Rat).Quo(q, size).IsInt()
}

func requestsWithinLimits(at *path, o object, f *faults) {
	limits, requests := o.mapping("limits"), o.mapping("requests")
	for _, name := range sorted(requests) {
		request, ok := amount(requests[name])
		limit, limited := amount(limits[name])
		if v, there := limits[name]; there && v == nil {
			limit, limited = zero, true // null is 0
		}
		if ok && limited && request.Cmp(limit) > 0 && !strings.HasPrefix(name, "hugepages-") {
			f.add(at.field("requests").field(name), Meaning, "is %v, more than the limit of %v", requests[name], limits[name])
		}
		if ok && limited && strings.Contains(name, "/") && request.Cmp(limit) != 0 {
			f.add(at.field("requests").field(name), Meaning, "is %v, and has to be the limit of %v", requests[name], limits[name])
		}
	}
}
