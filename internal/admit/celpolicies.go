package admit

// policyExpressions holds the names in the expressions of an admission policy to what
// there is for them: parameters where it has a kind of them, variables that come before.
type policyExpressions struct {
	*faults
	params, composed bool
	known            map[string]bool // variables
}

func policyNames(at *path, o object, f *faults) {
	p := &policyExpressions{faults: f, params: o.has("paramKind"), composed: o.has("mutations") || len(o.list("variables")) > 0, known: map[string]bool{}}
	each := func(list, field string, variables, authorizer bool) {
		for i, one := range o.items(list) {
			p.judge(at.field(list).item(i).field(field), one.text(field), variables, authorizer)
			if list == "variables" {
				p.known[one.text("name")] = true
			}
		}
	}
	each("matchConditions", "expression", false, true)
	each("variables", "expression", true, true)
	each("validations", "expression", true, true)
	each("validations", "messageExpression", true, false)
	each("auditAnnotations", "valueExpression", true, true)
	for i, m := range o.items("mutations") {
		for _, key := range []string{"jsonPatch", "applyConfiguration"} {
			p.judge(at.field("mutations").item(i).field(key).field("expression"), m.mapping(key).text("expression"), true, true)
		}
	}
}

func (p *policyExpressions) judge(at *path, s string, variables, authorizer bool) {
	words := celWordsOf(s)
	if words.uses("params") >= 0 && !p.params {
		p.add(at, Meaning, "is %s, and there is no paramKind for params", short(s))
	}
	if words.uses("authorizer") >= 0 && !authorizer {
		p.add(at, Meaning, "is %s, and authorizer is not for messages", short(s))
	}
	i := words.uses("variables")
	switch {
	case i < 0:
	case !variables || !p.composed:
		p.add(at, Meaning, "is %s, and there are no variables", short(s))
	default:
		p.variables(at, s, words)
	}
}

func (p *policyExpressions) variables(at *path, s string, words celWords) {
	for i, word := range words {
		if word != "variables" || !words.variable(i) {
			continue
		}
		if names, _ := words.chain(i); len(names) > 1 && !p.known[names[1]] {
			p.add(at, Meaning, "is %s, and no variable before it is called %s", short(s), names[1])
			return
		}
	}
}

// webhookNames refuses names that only policies have.
func webhookNames(at *path, o object, f *faults) {
	p := &policyExpressions{faults: f}
	for i, one := range o.items("matchConditions") {
		p.judge(at.field("matchConditions").item(i).field("expression"), one.text("expression"), false, true)
	}
}
