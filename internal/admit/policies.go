package admit

import (
	"math/big"
	"strings"
)

// policyChecks are the rules of disruption budgets, autoscalers, rights, quotas.
var policyChecks = map[string][]check{
	"policy.v1.PodDisruptionBudgetSpec":          {disruption},
	"autoscaling.v2.HorizontalPodAutoscalerSpec": {scalerBounds, scalerTarget},
	"autoscaling.v1.HorizontalPodAutoscalerSpec": {scalerBounds, scalerTarget},
	"autoscaling.v2.MetricSpec":                  {metric},
	"autoscaling.v2.HPAScalingRules": {func(at *path, o object, f *faults) {
		if o.has("policies") && len(o.list("policies")) == 0 {
			f.add(at.field("policies"), Required, "is empty: leave it out, or write a policy")
		}
	}},
	"autoscaling.v2.MetricTarget": {metricTarget},
	"rbac.v1.Role":                {roleRules(true)},
	"rbac.v1.ClusterRole":         {roleRules(false), aggregation},
	"rbac.v1.RoleBinding":         {bound(true)},
	"rbac.v1.ClusterRoleBinding":  {bound(false)},
	"core.v1.ResourceQuotaSpec":   {quota, quotaScopes},
	"core.v1.LimitRangeItem":      {limits, limitDefaults},
	"core.v1.LimitRangeSpec":      {limitTypes},
	"scheduling.v1.PriorityClass": {priorityName},

	"flowcontrol.v1.PriorityLevelConfigurationSpec":          {priorityLevel},
	"admissionregistration.v1.ValidatingAdmissionPolicySpec": {validates},
}

func scalerBounds(at *path, o object, f *faults) {
	least, ok := o.whole("minReplicas")
	most, known := o.whole("maxReplicas")
	if ok && known && least > most {
		f.add(at.field("minReplicas"), Meaning, "is %d, more than maxReplicas", least)
	}
}

func scalerTarget(at *path, o object, f *faults) {
	ref := o.mapping("scaleTargetRef")
	if !o.has("scaleTargetRef") {
		return
	}
	if kind := ref.text("kind"); !strings.Contains(ref.text("apiVersion"), "/") && kind != "" && kind != "ReplicationController" {
		f.add(at.field("scaleTargetRef").field("apiVersion"), Required, "names no group: write apps/v1 for a %s", kind)
	}
}

func metric(at *path, o object, f *faults) {
	if kind := o.text("type"); kind != "" {
		field := strings.ToLower(kind[:1]) + kind[1:]
		if !o.has(field) {
			f.add(at.field(field), Required, "is missing, and type is %s", kind)
		}
		for _, other := range []string{"object", "pods", "resource", "containerResource", "external"} {
			if other != field && o.has(other) {
				f.add(at.field(other), Meaning, "is set, and type is %s", kind)
			}
		}
		sourceTarget(at.field(field).field("target"), field, o.mapping(field, "target"), f)
	}
}

// sourceTarget wants of the target of a metric what its source is measured by.
func sourceTarget(at *path, source string, target object, f *faults) {
	var either []string
	alone := true // only one of the two
	switch source {
	case "object":
		either, alone = []string{"value", "averageValue"}, false
	case "external":
		either = []string{"value", "averageValue"}
	case "pods":
		either = []string{"averageValue"}
	case "resource", "containerResource":
		either = []string{"averageUtilization", "averageValue"}
	}
	there := 0
	for _, key := range either {
		if target.has(key) {
			there++
		}
	}
	switch {
	case len(either) == 0 || target == nil:
	case there == 0 && len(either) == 1:
		f.missing(at.field(either[0]))
	case there == 0:
		f.add(at, Required, "has none of %s", listed(either))
	case there > 1 && alone:
		f.add(at, Meaning, "has %s, and may have one of them", strings.Join(either, " and "))
	}
}

func metricTarget(at *path, o object, f *faults) {
	for _, key := range []string{"averageValue", "value"} {
		if q, ok := amount(o[key]); ok && q.Cmp(zero) <= 0 {
			f.add(at.field(key), Range, "is %v, and has to be more than 0", o[key])
		}
	}
}

// roleRules wants each rule to name what it is for.
func roleRules(namespaced bool) check {
	return func(at *path, o object, f *faults) {
		for i, r := range o.items("rules") {
			here := at.field("rules").item(i)
			if urls := r.list("nonResourceURLs"); len(urls) > 0 {
				if namespaced {
					f.add(here.field("nonResourceURLs"), Meaning, "is set, and a Role has none: write a ClusterRole")
				}
				f.without(here, r, "the rule is for nonResourceURLs", "apiGroups", "resources", "resourceNames")
				continue
			}
			for _, key := range []string{"apiGroups", "resources"} {
				if len(r.list(key)) == 0 {
					f.add(here.field(key), Required, "is empty, and needs an entry%s", map[string]string{"apiGroups": `; the core group is ""`}[key])
				}
			}
		}
	}
}

// bound holds the subjects of a binding, and its role, to what there is.
func bound(namespaced bool) check {
	return func(at *path, o object, f *faults) {
		ref := o.mapping("roleRef")
		kind := ref.text("kind")
		if group := ref.text("apiGroup"); group != "" && group != "rbac.authorization.k8s.io" {
			f.add(at.field("roleRef").field("apiGroup"), Words, "is %s, and has to be rbac.authorization.k8s.io", short(group))
		}
		switch {
		case kind == "" || kind == "ClusterRole" || kind == "Role" && namespaced:
		case namespaced:
			f.add(at.field("roleRef").field("kind"), Words, "is %s, and may be Role or ClusterRole", short(kind))
		default:
			f.add(at.field("roleRef").field("kind"), Words, "is %s, and has to be ClusterRole", short(kind))
		}
		for i, s := range o.items("subjects") {
			subject(at.field("subjects").item(i), s, namespaced, f)
		}
	}
}

func subject(at *path, o object, namespaced bool, f *faults) {
	group := o.text("apiGroup")
	switch o.text("kind") {
	case "":
	case "ServiceAccount":
		if text := subdomain.says(o.text("name")); text != "" {
			f.add(at.field("name"), Format, "%s", text)
		}
		if group != "" {
			f.add(at.field("apiGroup"), Words, "is %s, and a ServiceAccount has none", short(group))
		}
		if o.text("namespace") == "" && !namespaced {
			f.add(at.field("namespace"), Required, "is missing: a ServiceAccount needs one")
		}
	case "User", "Group":
		if group != "" && group != "rbac.authorization.k8s.io" {
			f.add(at.field("apiGroup"), Words, "is %s, and has to be rbac.authorization.k8s.io", short(group))
		}
	default:
		f.oneOf(at.field("kind"), o.text("kind"), []string{"ServiceAccount", "User", "Group"})
	}
}

func quota(at *path, o object, f *faults) {
	hard := o.mapping("hard")
	for _, name := range sorted(hard) {
		if q, ok := amount(hard[name]); ok && !q.IsInt() && wholeResource(name) {
			f.add(at.field("hard").field(name), Range, "is %v, and has to be a whole number", hard[name])
		}
		known := strings.Contains(counted, " "+name+" ") || strings.Contains(name, "/") || strings.HasPrefix(strings.TrimPrefix(name, "requests."), "hugepages-")
		if !known && qualified(name) == "" {
			f.add(at.field("hard").field(name), Words, "is no resource that a quota counts")
		}
	}
}

func limits(at *path, o object, f *faults) {
	for _, key := range []string{"default", "defaultRequest", "max", "min", "maxLimitRequestRatio"} {
		for _, name := range sorted(o.mapping(key)) {
			if !standard(name) && name != "storage" && !strings.Contains(name, "/") {
				f.add(at.field(key).field(name), Words, "is no resource: write cpu, memory, ephemeral-storage or storage")
			}
		}
	}
	least, most := o.mapping("min"), o.mapping("max")
	for _, name := range sorted(least) {
		a, ok := bounding(least, name)
		b, bounded := bounding(most, name)
		if ok && bounded && a.Cmp(b) > 0 {
			f.add(at.field("min").field(name), Meaning, "is %v, more than the max of %v", least[name], most[name])
		}
		ratio, said := amount(o.mapping("maxLimitRequestRatio")[name])
		if said && ok && bounded && a.Sign() > 0 && ratio.Cmp(new(big.Rat).Quo(b, a)) > 0 {
			f.add(at.field("maxLimitRequestRatio").field(name), Meaning, "is %v, more than max %v by min %v", o.mapping("maxLimitRequestRatio")[name], most[name], least[name])
		}
	}
}

func limitTypes(at *path, o object, f *faults) {
	seen := map[string]bool{}
	for i, l := range o.items("limits") {
		kind := l.text("type")
		if seen[kind] && kind != "" {
			f.add(at.field("limits").item(i).field("type"), Duplicate, "is %s, as another limit is", kind)
		}
		seen[kind] = true
	}
}

func disruption(at *path, o object, f *faults) {
	f.atMostOne(at, o, "minAvailable", "maxUnavailable")
	for _, key := range []string{"minAvailable", "maxUnavailable"} {
		tooMany(at.field(key), o[key], f)
	}
}

func aggregation(at *path, o object, f *faults) {
	if o.has("aggregationRule") && len(o.mapping("aggregationRule").list("clusterRoleSelectors")) == 0 {
		f.add(at.field("aggregationRule").field("clusterRoleSelectors"), Required, "is empty, and needs an entry")
	}
}

// quotaScopes refuses two scopes of which one excludes the other.
func quotaScopes(at *path, o object, f *faults) {
	all := o.list("scopes")
	hard := o.mapping("hard")
	for _, name := range sorted(hard) {
		for _, scope := range all {
			if s, _ := scope.(string); !fitsScope(s, name) {
				f.add(at.field("hard").field(name), Meaning, "is nothing that scope %s counts", s)
			}
		}
		for i, e := range o.mapping("scopeSelector").items("matchExpressions") {
			if s := e.text("scopeName"); !fitsScope(s, name) {
				f.add(at.field("scopeSelector").field("matchExpressions").item(i).field("scopeName"), Meaning, "is %s, which does not count %s", s, name)
			}
		}
	}
	for _, pair := range [][2]string{{"BestEffort", "NotBestEffort"}, {"Terminating", "NotTerminating"}} {
		if anyOf(all, pair[0]) && anyOf(all, pair[1]) {
			f.add(at.field("scopes"), Meaning, "has %s and %s, and nothing is both", pair[0], pair[1])
		}
	}
}

// limitDefaults holds what containers get by themselves to the bounds beside it.
func limitDefaults(at *path, o object, f *faults) {
	if o.text("type") == "PersistentVolumeClaim" && !o.mapping("min").has("storage") && !o.mapping("max").has("storage") {
		f.add(at, Required, "has neither min nor max of storage, and type is PersistentVolumeClaim")
	}
	if o.text("type") == "Pod" {
		f.without(at, o, "type is Pod", "default", "defaultRequest")
		return
	}
	above := func(key, bound string) {
		for _, name := range sorted(o.mapping(key)) {
			a, ok := bounding(o.mapping(key), name)
			b, bounded := bounding(o.mapping(bound), name)
			if ok && bounded && a.Cmp(b) > 0 {
				f.add(at.field(key).field(name), Meaning, "is %v, more than %s of %v", o.mapping(key)[name], bound, o.mapping(bound)[name])
			}
		}
	}
	above("default", "max")
	above("defaultRequest", "max")
	above("min", "default")
	above("min", "defaultRequest")
	above("defaultRequest", "default")
	ratios := o.mapping("maxLimitRequestRatio")
	for _, name := range sorted(ratios) {
		if q, ok := amount(ratios[name]); ok && q.Cmp(big.NewRat(1, 1)) < 0 {
			f.add(at.field("maxLimitRequestRatio").field(name), Range, "is %v, and has to be at least 1", ratios[name])
		}
	}
}

// priorityName keeps the names of the system's own classes for them.
func priorityName(at *path, o object, f *faults) {
	name := o.mapping("metadata").text("name")
	if strings.HasPrefix(name, "system-") && name != "system-node-critical" && name != "system-cluster-critical" {
		f.add(at.field("metadata").field("name"), Meaning, "is %s, and names with system- are the server's own", short(name))
	}
}

func priorityLevel(at *path, o object, f *faults) {
	f.union(at, o, "type", map[string]string{"Limited": "limited", "Exempt": "exempt"}, "Limited")
}

func validates(at *path, o object, f *faults) {
	if len(o.list("validations")) == 0 && len(o.list("auditAnnotations")) == 0 {
		f.add(at.field("validations"), Required, "is empty, and so is auditAnnotations")
	}
}

// bounding is an amount of a limit: null is none.
func bounding(m object, name string) (*big.Rat, bool) {
	if v, there := m[name]; there && v == nil {
		return zero, true
	}
	return amount(m[name])
}
