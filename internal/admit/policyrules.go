package admit

// policyRuleChecks are the rules of admission policies.
var policyRuleChecks = map[string][]check{
	"admissionregistration.v1.NamedRuleWithOperations": {wildcards},
	"admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec": {func(at *path, o object, f *faults) {
		if all := o.list("validationActions"); anyOf(all, "Deny") && anyOf(all, "Warn") {
			f.add(at.field("validationActions"), Meaning, "has Deny and Warn, which say the same twice")
		}
	}},
	"admissionregistration.v1.ValidatingAdmissionPolicySpec":      {constrained, policyNames},
	"admissionregistration.v1.MutatingAdmissionPolicySpec":        {constrained, policyNames, undeleted("matchConstraints")},
	"admissionregistration.v1.MutatingAdmissionPolicyBindingSpec": {undeleted("matchResources")},
	"admissionregistration.v1.ValidatingWebhook":                  {webhookNames},
	"admissionregistration.v1.MutatingWebhook":                    {webhookNames},
	"admissionregistration.v1.ParamRef":                           {func(at *path, o object, f *faults) { f.exactlyOne(at, o, "name", "selector") }},
	"admissionregistration.v1.Mutation": {func(at *path, o object, f *faults) {
		f.union(at, o, "patchType", map[string]string{"ApplyConfiguration": "applyConfiguration", "JSONPatch": "jsonPatch"}, "ApplyConfiguration", "JSONPatch")
	}},
}

// constrained wants rules that say what a policy is for.
func constrained(at *path, o object, f *faults) {
	if o.has("matchConstraints") && len(o.mapping("matchConstraints").list("resourceRules")) == 0 {
		f.add(at.field("matchConstraints").field("resourceRules"), Required, "is empty, and has to say which objects are meant")
	}
	for _, i := range o.repeated("auditAnnotations", by("key")) {
		f.add(at.field("auditAnnotations").item(i).field("key"), Duplicate, "is that of another annotation")
	}
}

// undeleted refuses DELETE where objects are changed.
func undeleted(field string) check {
	return func(at *path, o object, f *faults) {
		for i, r := range o.mapping(field).items("resourceRules") {
			if anyOf(r.list("operations"), "DELETE") {
				f.add(at.field(field).field("resourceRules").item(i).field("operations"), Meaning, "has DELETE, and what is deleted is not changed")
			}
		}
	}
}
