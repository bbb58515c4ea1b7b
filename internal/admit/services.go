package admit

import (
	"cmp"
	"fmt"
)

// serviceChecks are the rules of Services.
var serviceChecks = map[string][]check{
	"core.v1.Service":     {annotatedService},
	"core.v1.ServiceSpec": {serviceType, servicePorts, clusterIP, clusterIPs, affinity},
}

func serviceType(at *path, o object, f *faults) {
	kind := o.text("type")
	outside := kind == "NodePort" || kind == "LoadBalancer"
	if kind == "ExternalName" {
		name := o.text("externalName")
		if name == "" {
			f.missing(at.field("externalName"))
		} else if text := subdomain.says(trimDot(name)); text != "" {
			f.add(at.field("externalName"), Format, "%s", text)
		}
		f.without(at, o, "type is ExternalName", "clusterIPs", "ipFamilies", "ipFamilyPolicy")
		if ip := o.text("clusterIP"); ip != "" {
			f.add(at.field("clusterIP"), Meaning, "is set, and type is ExternalName")
		}
	}
	if !outside && len(o.list("externalIPs")) == 0 {
		f.without(at, o, "the Service is open to no other network", "externalTrafficPolicy")
	}
	if kind != "LoadBalancer" {
		f.without(at, o, "type is not LoadBalancer", "loadBalancerSourceRanges", "loadBalancerClass", "allocateLoadBalancerNodePorts")
	}
	if n, ok := o.whole("healthCheckNodePort"); ok && n > 0 && (kind != "LoadBalancer" || o.text("externalTrafficPolicy") != "Local") {
		f.add(at.field("healthCheckNodePort"), Meaning, "is set, and the Service is no LoadBalancer with externalTrafficPolicy Local")
	}
}

func trimDot(s string) string {
	if n := len(s); n > 0 && s[n-1] == '.' {
		return s[:n-1]
	}
	return s
}

func servicePorts(at *path, o object, f *faults) {
	ports := o.items("ports")
	kind := o.text("type")
	headless := o.text("clusterIP") == "None"
	if len(ports) == 0 && !headless && kind != "ExternalName" {
		f.add(at.field("ports"), Required, "is empty, and a Service needs a port")
	}
	names, nodes := map[string]bool{}, map[string]bool{}
	for i, p := range ports {
		here := at.field("ports").item(i)
		name := p.text("name")
		if name == "" && len(ports) > 1 {
			f.add(here.field("name"), Required, "is missing: each of several ports has a name")
		}
		if name != "" && names[name] {
			f.add(here.field("name"), Duplicate, "is %s, as another port is", short(name))
		}
		names[name] = true
		nodePort(here.field("nodePort"), kind, p, f)
		if node, ok := p.whole("nodePort"); ok && node != 0 {
			key := cmp.Or(p.text("protocol"), "TCP") + fmt.Sprint(node)
			if nodes[key] {
				f.add(here.field("nodePort"), Duplicate, "is %d, as that of another port is", node)
			}
			nodes[key] = true
		}
	}
}

func nodePort(at *path, kind string, p object, f *faults) {
	node, ok := p.whole("nodePort")
	switch {
	case !ok || node == 0:
	case kind != "NodePort" && kind != "LoadBalancer":
		f.add(at, Meaning, "is set, and the Service is neither NodePort nor LoadBalancer")
	case node < 30000 || node > 32767:
		f.add(at, Range, "is %d, and has to be between 30000 and 32767, as servers are set up", node)
	}
}

func clusterIP(at *path, o object, f *faults) {
	ipText := o.text("clusterIP")
	if ipText != "" && ipText != "None" {
		if text := ip(ipText); text != "" {
			f.add(at.field("clusterIP"), Format, "%s: leave it out, or write None", text)
		} else if text := strictIP(ipText); text != "" {
			f.since(strictAddresses, at.field("clusterIP"), Format, "%s", text)
		}
	}
	if ipText == "None" && (o.text("type") == "NodePort" || o.text("type") == "LoadBalancer") {
		f.add(at.field("clusterIP"), Meaning, "is None, and a %s needs one", o.text("type"))
	}
	ipFamilies(at, o, f)
}

func ipFamilies(at *path, o object, f *faults) {
	families := o.texts("ipFamilies")
	if len(families) > 2 || len(families) == 2 && families[0] == families[1] && families[0] != "" {
		f.add(at.field("ipFamilies"), Duplicate, "names a family twice")
	}
	if len(families) == 2 && o.text("ipFamilyPolicy") == "SingleStack" {
		f.add(at.field("ipFamilyPolicy"), Meaning, "is SingleStack, and ipFamilies has two")
	}
}

// affinity is judged only where it is on: else the server drops its settings.
func affinity(at *path, o object, f *faults) {
	if o.text("sessionAffinity") != "ClientIP" {
		return
	}
	n, ok := o.mapping("sessionAffinityConfig", "clientIP").whole("timeoutSeconds")
	if text := number(1, 86400).says(n); ok && text != "" {
		f.add(at.field("sessionAffinityConfig").field("clientIP").field("timeoutSeconds"), Range, "%s", text)
	}
}
