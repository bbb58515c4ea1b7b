package admit

import (
	"fmt"
	"strings"
)

// celChecker finds the types of the parts of an expression, and the first that do not go
// together. What it does not know goes with everything.
type celChecker struct {
	names   map[string]*celType // of variables
	sort    Sort
	text    string // what is wrong
	early   string // a field that only newer servers read as it is written
	patches bool   // there are Object and JSONPatch
}

func (c *celChecker) wrong(sort Sort, format string, args ...any) *celType {
	if c.text == "" {
		c.sort, c.text = sort, fmt.Sprintf(format, args...)
	}
	return anyType
}

func (c *celChecker) of(t *celTree) *celType {
	switch t.op {
	case "literal":
		return celOf(celKindOf(t.word))
	case "name":
		return c.called(strings.TrimPrefix(t.word, "."))
	case ".", "?.":
		return c.selected(c.of(t.args[0]), t)
	case "[]", "?[]":
		return c.item(c.of(t.args[0]), c.of(t.args[1]), t.op == "?[]")
	case "call":
		return c.call(t)
	case "method":
		return c.method(t)
	case "object":
		return c.written(t)
	case "optional":
		c.each(t.args)
		return anyType
	case "list":
		return c.list(t)
	case "map":
		return c.mapping(t)
	case "?:":
		return c.either(t)
	case "not", "minus":
		return c.unary(t)
	}
	return c.operator(t.op, c.of(t.args[0]), c.of(t.args[1]))
}

// written is an object that an expression makes.
func (c *celChecker) written(t *celTree) *celType {
	root, _, _ := strings.Cut(strings.TrimPrefix(t.word, "."), ".")
	patch := c.patches && (root == "Object" || t.word == "JSONPatch")
	if t.word != "" && root != "google" && !patch {
		return c.wrong(Meaning, "there is no type %s", t.word)
	}
	for i, one := range t.args {
		if i%2 == 1 { // the others are names of fields
			c.of(one)
		}
	}
	return anyType
}

func (c *celChecker) called(name string) *celType {
	if known := c.names[name]; known != nil {
		return known
	}
	if strings.Contains(" bool int uint double string bytes list map null_type type ", " "+name+" ") {
		return celOf("type")
	}
	return anyType
}

// perhaps is what may be missing, of a type that is so already or is not.
func perhaps(t *celType) *celType {
	if t.kind == "optional" {
		return t
	}
	return &celType{kind: "optional", of: t}
}

func (c *celChecker) selected(from *celType, t *celTree) *celType {
	inner, missing := from, t.op == "?."
	if from.kind == "optional" {
		inner, missing = from.of, true
	}
	var found *celType
	switch inner.kind {
	case "":
		found = anyType
	case "map":
		found = inner.of
	case "object":
		if found = inner.field(t.word); found == nil && inner.fields != nil {
			return c.wrong(Meaning, "%s has no field %s: it has %s", inner.name, t.word, strings.Join(sorted(inner.fields), ", "))
		} else if found == nil {
			return c.wrong(Meaning, "the schema has no field %s that rules can read%s", t.word, instead(inner, t.word))
		}
		if isKeyword(t.word) {
			c.early = t.word
		}
	default:
		return c.wrong(Type, "%s has no field %s", inner, t.word)
	}
	if missing {
		return perhaps(found)
	}
	return found
}

// instead says how a field is written that is not there.
func instead(t *celType, name string) string {
	if text := unquoted(name); text != "" {
		return text
	}
	if other := celName(name); other != name && other != "" && t.field(other) != nil {
		return ": write " + other
	}
	return ""
}

func (c *celChecker) item(from, key *celType, missing bool) *celType {
	inner := from
	if from.kind == "optional" {
		inner, missing = from.of, true
	}
	switch {
	case inner.kind == "", inner.kind == "null":
		return anyType
	case inner.kind == "object":
		return c.wrong(Type, "an object has no items: write a dot and the name of a field")
	case inner.kind == "list" && !key.isOneOf("int"), inner.kind == "map" && key.kind != "" && inner.keys != "" && key.kind != inner.keys, inner.of == nil:
		return c.wrong(Type, "%s has no item that is %s", inner, key)
	case missing:
		return perhaps(inner.of)
	}
	return inner.of
}

// same is the type of values that have to have one.
func (c *celChecker) same(what string, all []*celTree) *celType {
	common := anyType
	for i, one := range all {
		t := c.of(one)
		if i > 0 && differ(common, t) {
			return c.wrong(Type, "%s has %s and %s", what, common, t)
		}
		if common.kind == "" || common.of != nil && common.of.kind == "" {
			common = t
		}
	}
	return common
}

func (c *celChecker) list(t *celTree) *celType {
	return &celType{kind: "list", of: c.same("a list", t.args)}
}

func (c *celChecker) mapping(t *celTree) *celType {
	var keys, values []*celTree
	for i, one := range t.args {
		if i%2 == 0 {
			keys = append(keys, one)
		} else {
			values = append(values, one)
		}
	}
	return &celType{kind: "map", keys: c.same("a mapping", keys).kind, of: c.same("a mapping", values)}
}

func (c *celChecker) either(t *celTree) *celType {
	if cond := c.of(t.args[0]); !cond.isOneOf("bool") {
		c.wrong(Type, "? has %s before it", cond)
	}
	yes, no := c.of(t.args[1]), c.of(t.args[2])
	switch {
	case differ(yes, no):
		return c.wrong(Type, "? has %s or %s after it", yes, no)
	case yes.kind == "null" || yes.kind == "":
		return no
	case no.kind == "":
		return no
	}
	return yes
}

func (c *celChecker) unary(t *celTree) *celType {
	inner := c.of(t.args[0])
	if t.op == "not" {
		if !inner.isOneOf("bool") {
			c.wrong(Type, "! has %s after it", inner)
		}
		return celOf("bool")
	}
	if !inner.isOneOf("int double") {
		return c.wrong(Type, "- has %s after it", inner)
	}
	return inner
}

// numbers are the kinds that may be ordered with each other.
const numbers = "int uint double"

func (c *celChecker) operator(op string, a, b *celType) *celType {
	fits := true
	gives := celOf("bool")
	switch op {
	case "&&", "||":
		fits = a.isOneOf("bool") && b.isOneOf("bool")
	case "==", "!=":
		fits = !differ(a, b)
	case "<", "<=", ">", ">=":
		fits = a.isOneOf(celOrdered) && b.isOneOf(celOrdered) && (!differ(a, b) || a.isOneOf(numbers) && b.isOneOf(numbers))
	case "in":
		fits = among(a, b)
	default:
		gives = summed(op, a, b)
		fits = gives != nil
	}
	if !fits {
		return c.wrong(Type, "%s has %s before it and %s after it%s", op, a, b, otherwise(op, a, b))
	}
	return gives
}

// otherwise says what to write where two values cannot be the same.
func otherwise(op string, a, b *celType) string {
	switch {
	case op != "==" && op != "!=":
	case a.kind == "null", b.kind == "null":
		return ": ask has() whether a field is there"
	case a.isOneOf(numbers) && b.isOneOf(numbers):
		return ": make them the same by int() or double()"
	}
	return ""
}

// among tells whether a may be in b.
func among(a, b *celType) bool {
	switch b.kind {
	case "", "list":
		return b.of == nil || !differ(a, b.of)
	case "map":
		return a.kind == "" || b.keys == "" || a.kind == b.keys
	}
	return false
}

// celSums are what comes of times and durations, by what is counted.
var celSums = map[string]string{
	"timestamp + duration": "timestamp", "duration + timestamp": "timestamp", "duration + duration": "duration",
	"timestamp - timestamp": "duration", "timestamp - duration": "timestamp", "duration - duration": "duration",
}

// celReckoned are the kinds of which two of one make another, by what is done with them.
var celReckoned = map[string]string{"+": numbers + " string bytes list", "-": numbers, "*": numbers, "/": numbers, "%": "int uint"}

// summed is what comes of two values, nil where nothing does. One that is not known is of
// the other's kind; only with times that is not said.
func summed(op string, a, b *celType) *celType {
	const times = "timestamp duration"
	switch {
	case a.kind == "" && !b.isOneOf(times):
		a = b
	case b.kind == "" && !a.isOneOf(times):
		b = a
	}
	return reckoned(op, a, b)
}

// reckoned is what comes of two values, nil where nothing does.
func reckoned(op string, a, b *celType) *celType {
	kinds, times := celReckoned[op], ""
	if op == "+" || op == "-" {
		times = "timestamp duration"
	}
	all := kinds + " " + times
	sum := celSums[a.kind+" "+op+" "+b.kind]
	switch {
	case sum != "":
		return celOf(sum)
	case a.kind == "null" && b.isOneOf(times), b.kind == "null" && a.isOneOf(times), a.kind == "" && b.isOneOf(all), b.kind == "" && a.isOneOf(all):
		return anyType
	case !a.isOneOf(kinds), differ(a, b):
		return nil
	case a.of != nil && a.of.kind == "":
		return b
	}
	return a
}

// selfRule holds a rule, or the expression of what it says, to the fields and types of a
// schema; it has to be of a kind.
func selfRule(f *faults, at *path, text, kind string, self *celType, optional bool) {
	tree, _ := celWordsOf(text).tree()
	if tree == nil {
		return
	}
	old := self
	if optional {
		old = perhaps(self)
	}
	c := &celChecker{names: map[string]*celType{"self": self, "oldSelf": old}}
	t := c.of(tree)
	text = short(strings.TrimSpace(text))
	switch {
	case c.text != "":
		f.add(at, c.sort, "is %s, and %s", text, c.text)
	case !t.isOneOf(kind):
		f.add(at, Type, "is %s, and has to be %s", text, celKinds[kind])
	case t.open:
		f.add(at, Type, "is %s, which may be anything, and has to be %s", text, celKinds[kind])
	case c.early != "":
		f.before(keywordFields, at, Meaning, "is %s, and %s has to be __%s__", text, c.early, c.early)
	}
}
