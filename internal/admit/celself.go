package admit

import (
	"slices"
	"strings"
)

// selfRules hold the rules of a schema to its fields. Types are judged where a rule is
// simple enough to know them.
func selfRules(f *faults, at *path, o object, root, apart bool) {
	for i, r := range o.items("x-kubernetes-validations") {
		here := at.field("x-kubernetes-validations").item(i)
		words := celWordsOf(r.text("rule"))
		selfNames(f, here.field("rule"), r.text("rule"), o, root, r.is("optionalOldSelf"))
		selfNames(f, here.field("messageExpression"), r.text("messageExpression"), o, root, r.is("optionalOldSelf"))
		if len(words) > 0 && r.has("optionalOldSelf") && words.uses("oldSelf") < 0 {
			f.add(here.field("optionalOldSelf"), Meaning, "is set, and the rule has no oldSelf")
		}
		if apart && words.uses("oldSelf") >= 0 {
			f.add(here.field("rule"), Meaning, "is %s, and in a list or mapping that is not told apart by keys there is no oldSelf", short(r.text("rule")))
		}
		if kind := onlySelf(words, o, root); kind != "" && kind != "boolean" {
			f.add(here.field("rule"), Type, "is %s, and has to be true or false", short(r.text("rule")))
		}
		kind := onlySelf(celWordsOf(r.text("messageExpression")), o, root)
		if noText(r.text("messageExpression")) || kind != "" && kind != "string" {
			f.add(here.field("messageExpression"), Type, "is %s, and has to be a text", short(r.text("messageExpression")))
		}
	}
}

// onlySelf is the type of an expression that is nothing but a field of self, "" of any
// other, and where it is not known.
func onlySelf(words celWords, o object, root bool) string {
	names, n := words.chain(0)
	if n != len(words) || names[0] != "self" {
		return ""
	}
	inner, _ := along(o, names[1:], root)
	return celKind(inner)
}

// selfNames refuses fields of self that the schema has not, and those that are held to a
// value of another type.
func selfNames(f *faults, at *path, text string, o object, root, optional bool) {
	words := celWordsOf(text)
	made := words.made()
	for i, word := range words {
		if word != "self" && (word != "oldSelf" || optional) || made[word] || !words.variable(i) {
			continue
		}
		names, n := words.chain(i)
		inner, missing := along(o, names[1:], root)
		if missing != "" {
			f.add(at, Meaning, "is %s, and the schema has no field %s that rules can read%s", short(text), missing, unquoted(missing))
			return
		}
		word, want := words.comparedTo(i, n), celKind(inner)
		if word != "" && (otherwise(want, word) || unequal(want, words.nth(i+n), word)) {
			f.add(at, Type, "is %s, and %s is %s", short(text), strings.Join(names, "."), wanted[want])
			return
		}
	}
}

// along follows fields from a schema; missing is the first that rules cannot read, and inner
// is nil where the rest is not known.
func along(o object, names []string, root bool) (inner object, missing string) {
	for _, name := range names {
		switch {
		case o.is("x-kubernetes-int-or-string"), strings.Contains(name, "__"), o.text("type") != "object":
			return nil, ""
		}
		if values := o.mapping("additionalProperties"); values != nil {
			o, root = values, false
			continue
		}
		top := root || o.is("x-kubernetes-embedded-resource")
		next := o.mapping("properties", name)
		switch {
		case top && name == "metadata":
			next = object{"type": "object", "properties": map[string]any{"name": map[string]any{"type": "string"}, "generateName": map[string]any{"type": "string"}}}
		case top && (name == "apiVersion" || name == "kind"):
			next = object{"type": "string"}
		case !readable(next):
			return nil, name
		}
		o, root = next, false
	}
	return o, ""
}

// readable tells whether rules can read what a schema is of: what has no type they cannot.
func readable(o object) bool {
	switch {
	case o.is("x-kubernetes-int-or-string"):
		return true
	case o.text("type") == "array":
		return readable(o.mapping("items"))
	case o.mapping("additionalProperties") != nil:
		return readable(o.mapping("additionalProperties"))
	}
	return o.text("type") != ""
}

// celKind is the type of a schema in CEL where it is one of JSON's, and "" of any other.
func celKind(o object) string {
	if o.is("x-kubernetes-int-or-string") || o.text("format") != "" && o.text("type") == "string" {
		return ""
	}
	return o.text("type")
}

// comparedTo is the literal that a chain of n tokens is compared to, if the comparison is
// the whole of a rule, or a part between && and ||.
func (w celWords) comparedTo(i, n int) string {
	ends := []string{"", "&&", "||", "(", ")", "?"}
	ops := []string{"==", "!=", "<", "<=", ">", ">="}
	before, after := w.nth(i-1), w.nth(i+n+2)
	if before == "(" && identifierForm().MatchString(w.nth(i-2)) { // of a function
		before = "f"
	}
	if !slices.Contains(ops, w.nth(i+n)) || !slices.Contains(ends, before) || !slices.Contains(ends, after) || after == "(" {
		return ""
	}
	return w.nth(i + n + 1)
}

// otherwise tells whether a literal is of another type than a schema.
func otherwise(kind, word string) bool {
	m := celToken().FindStringSubmatch(word)
	text, number, truth := m[2] != "", m[3] != "", word == "true" || word == "false"
	if word == "null" {
		return kind == "string" || kind == "integer" || kind == "number" || kind == "boolean"
	}
	switch kind {
	case "string":
		return number || truth
	case "integer", "number":
		return text || truth
	case "boolean":
		return text || number
	case "array", "object":
		return text || number || truth
	}
	return false
}

// unquoted says of a name that YAML reads otherwise that it does.
func unquoted(name string) string {
	if strings.Contains(" y n yes no on off Y N ", " "+name+" ") {
		return ": as a key it is read as true or false, put it in quotes"
	}
	return ""
}

// unequal tells whether a number is compared to one of another type, which only what orders
// them does.
func unequal(kind, op, word string) bool {
	broken := strings.ContainsAny(word, ".eE") && !strings.HasPrefix(word, "0x")
	return (op == "==" || op == "!=") && celToken().FindStringSubmatch(word)[3] != "" && (kind == "number" && !broken || kind == "integer" && broken)
}
