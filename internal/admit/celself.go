package admit

import "strings"

// selfRules hold the rules of a schema to its fields, as far as their types are known.
func selfRules(f *faults, at *path, o object, root, apart bool) {
	self := celSchema(o, "self", root || o.is("x-kubernetes-embedded-resource"))
	for i, r := range o.items("x-kubernetes-validations") {
		here := at.field("x-kubernetes-validations").item(i)
		selfExpressions(here, r, f)
		words := celWordsOf(r.text("rule"))
		if len(words) > 0 && r.has("optionalOldSelf") && words.uses("oldSelf") < 0 {
			f.add(here.field("optionalOldSelf"), Meaning, "is set, and the rule has no oldSelf")
		}
		if apart && words.uses("oldSelf") >= 0 {
			f.add(here.field("rule"), Meaning, "is %s, and in a list or mapping that is not told apart by keys there is no oldSelf", short(r.text("rule")))
		}
		if self == nil || f.servers.First > celKnown {
			continue
		}
		for _, one := range []struct{ field, kind string }{{"rule", "bool"}, {"messageExpression", "string"}} {
			selfRule(f, here.field(one.field), r.text(one.field), one.kind, self, r.is("optionalOldSelf"))
		}
	}
}

// unquoted says of a name that YAML reads otherwise that it does.
func unquoted(name string) string {
	if strings.Contains(" y n yes no on off Y N ", " "+name+" ") {
		return ": as a key it is read as true or false, put it in quotes"
	}
	return ""
}
