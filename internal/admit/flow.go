package admit

import (
	"math"
	"strings"
)

// flowChecks are the rules of what the server does first when it has much to do.
var flowChecks = map[string][]check{
	"flowcontrol.v1.FlowSchema": {func(at *path, o object, f *faults) {
		if n, ok := o.mapping("spec").whole("matchingPrecedence"); ok && n == 1 && o.mapping("metadata").text("name") != "exempt" {
			f.add(at.field("spec").field("matchingPrecedence"), Range, "is 1, which only the schema exempt may have")
		}
	}},
	"flowcontrol.v1.PriorityLevelConfiguration": {func(at *path, o object, f *faults) {
		kind := o.mapping("spec").text("type")
		if exempt := o.mapping("metadata").text("name") == "exempt"; kind != "" && exempt != (kind == "Exempt") {
			f.add(at.field("spec").field("type"), Meaning, "is %s: Exempt is for the one named exempt, and for no other", kind)
		}
	}},
	"flowcontrol.v1.Subject": {func(at *path, o object, f *faults) {
		f.union(at, o, "kind", map[string]string{"User": "user", "Group": "group", "ServiceAccount": "serviceAccount"}, "User", "Group", "ServiceAccount")
	}},
	"flowcontrol.v1.LimitResponse": {func(at *path, o object, f *faults) {
		f.union(at, o, "type", map[string]string{"Queue": "queuing", "Reject": ""}, "Queue")
	}},
	"flowcontrol.v1.QueuingConfiguration": {queuing},
	"flowcontrol.v1.PolicyRulesWithSubjects": {func(at *path, o object, f *faults) {
		if len(o.list("resourceRules")) == 0 && len(o.list("nonResourceRules")) == 0 {
			f.add(at, Required, "has neither resourceRules nor nonResourceRules")
		}
	}},
	"flowcontrol.v1.ResourcePolicyRule": {func(at *path, o object, f *faults) {
		if len(o.list("namespaces")) == 0 && !o.is("clusterScope") {
			f.add(at.field("namespaces"), Required, "is empty, and clusterScope is not true: name a namespace, or *")
		}
		for i, v := range o.list("namespaces") {
			switch s, ok := v.(string); {
			case !ok || s == "*":
			case s == "":
				f.add(at.field("namespaces").item(i), Required, "is empty")
			case label.says(s) != "":
				f.add(at.field("namespaces").item(i), Format, "%s", label.says(s))
			}
		}
	}},
	"flowcontrol.v1.NonResourcePolicyRule": {func(at *path, o object, f *faults) {
		for i, v := range o.list("nonResourceURLs") {
			if s, ok := v.(string); ok && s != "*" && nonResource(s) != "" {
				f.add(at.field("nonResourceURLs").item(i), Format, "%s", nonResource(s))
			}
		}
	}},
}

// entropy is the most bits that a hand of queues may take of a hash.
const entropy = 60

func queuing(at *path, o object, f *faults) {
	number := func(key string, otherwise int64) int64 {
		if n, ok := o.whole(key); ok && n != 0 {
			return n
		}
		return otherwise
	}
	queues, hand := number("queues", 64), number("handSize", 8)
	switch {
	case queues < 1 || hand < 1:
	case hand > queues:
		f.add(at.field("handSize"), Meaning, "is %d, more than the %d queues", hand, queues)
	case math.Ceil(math.Log2(float64(queues))*float64(hand)) > entropy:
		f.add(at.field("handSize"), Range, "is %d of %d queues: the logarithm of the queues by it may be at most %d", hand, queues, entropy)
	}
}

// nonResource is a path of the server, with a * at most as its last part.
func nonResource(s string) string {
	trimmed := strings.TrimSuffix(s, "*")
	switch {
	case !strings.HasPrefix(s, "/"):
		return "is " + short(s) + ", and has to begin with /"
	case strings.Contains(s, " "):
		return "is " + short(s) + ", and must not have a blank in it"
	case strings.Contains(s, "//"):
		return "is " + short(s) + ", and must not have // in it"
	case strings.Contains(trimmed, "*") || s != trimmed && !strings.HasSuffix(trimmed, "/"):
		return "is " + short(s) + ", and may have * as its last part alone"
	}
	return ""
}
