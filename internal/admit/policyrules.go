package admit

// policyRuleChecks are the rules of admission policies.
var policyRuleChecks = map[string][]check{
	"admissionregistration.v1.NamedRuleWithOperations": {wildcards},
	"admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec": {func(at *path, o object, f *faults) {
		if all := o.list("validationActions"); anyOf(all, "Deny") && anyOf(all, "Warn") {
			f.add(at.field("validationActions"), Meaning, "has Deny and Warn, which say the same twice")
		}
	}},
	"admissionregistration.v1.ValidatingAdmissionPolicySpec": {constrained},
	"admissionregistration.v1.MutatingAdmissionPolicySpec":   {constrained},
	"admissionregistration.v1.ParamRef":                      {func(at *path, o object, f *faults) { f.exactlyOne(at, o, "name", "selector") }},
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
