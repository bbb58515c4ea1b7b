package admit

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// celSignature is what a function or method takes and gives.
type celSignature struct {
	on    string // kinds, of a method
	takes string // of each argument; kinds with commas between them, any, or item
	more  string // of arguments that may be left out
	gives string // a kind, with that of its items behind it; of is what the value is of, open is anything
}

// celMethods are the methods of Kubernetes 1.31 and newer that are of kinds that schemas
// have, and of no other (k8s.io/apiserver, pkg/cel/library; cel-go, ext).
var celMethods = map[string]celSignature{
	"size":       {"string bytes list map", "", "", "int"},
	"startsWith": {"string", "string", "", "bool"}, "endsWith": {"string", "string", "", "bool"},
	"contains": {"string", "string", "", "bool"}, "matches": {"string", "string", "", "bool"},
	"lowerAscii": {"string", "", "", "string"}, "upperAscii": {"string", "", "", "string"}, "trim": {"string", "", "", "string"},
	"charAt": {"string", "int", "", "string"}, "replace": {"string", "string string", "int", "string"}, "substring": {"string", "int", "int", "string"},
	"split": {"string", "string", "int", "list string"}, "find": {"string", "string", "", "string"}, "findAll": {"string", "string", "int", "list string"},
	"format": {"string", "list", "", "string"}, "join": {"list", "", "string", "string"},
	"indexOf": {"string list", "item", "int", "int"}, "lastIndexOf": {"string list", "item", "int", "int"},
	"reverse": {"list", "", "", ""}, "distinct": {"list", "", "", ""}, "sort": {"list", "", "", ""}, "slice": {"list", "int int", "", ""}, "flatten": {"list", "", "int", ""},
	"isSorted": {"list", "", "", "bool"}, "sum": {"list", "", "", "of"}, "min": {"list", "", "", "of"}, "max": {"list", "", "", "of"},
	"getFullYear": {"timestamp", "", "string", "int"}, "getMonth": {"timestamp", "", "string", "int"}, "getDate": {"timestamp", "", "string", "int"},
	"getDayOfMonth": {"timestamp", "", "string", "int"}, "getDayOfWeek": {"timestamp", "", "string", "int"}, "getDayOfYear": {"timestamp", "", "string", "int"},
	"getHours": {"timestamp duration", "", "string", "int"}, "getMinutes": {"timestamp duration", "", "string", "int"},
	"getSeconds": {"timestamp duration", "", "string", "int"}, "getMilliseconds": {"timestamp duration", "", "string", "int"},
	"hasValue": {"optional", "", "", "bool"}, "value": {"optional", "", "", "of"},
	"getHost": {"url", "", "", "string"}, "getHostname": {"url", "", "", "string"}, "getPort": {"url", "", "", "string"}, "getScheme": {"url", "", "", "string"},
	"getEscapedPath": {"url", "", "", "string"}, "family": {"ip", "", "", "int"}, "prefixLength": {"cidr", "", "", "int"},
	"isInteger": {"quantity", "", "", "bool"}, "asInteger": {"quantity", "", "", "int"}, "asApproximateFloat": {"quantity", "", "", "double"},
	"compareTo": {"quantity semver", "item", "", "int"}, "isGreaterThan": {"quantity semver", "item", "", "bool"}, "isLessThan": {"quantity semver", "item", "", "bool"},
}

// celItems are the kinds that the items of a list may have for a method of it.
var celItems = map[string]string{
	"join": "string", "sum": numbers + " duration", "min": celOrdered, "max": celOrdered, "isSorted": celOrdered, "sort": celOrdered,
}

const celOrdered = numbers + " bool string bytes timestamp duration"

// celCalls are the functions that belong to nothing.
var celCalls = map[string]celSignature{
	"size": {"", "string,bytes,list,map", "", "int"}, "matches": {"", "string string", "", "bool"},
	"string": {"", "string,bool,bytes,int,uint,double,timestamp,duration,ip,cidr", "", "string"}, "int": {"", "int,uint,double,string,timestamp,duration", "", "int"},
	"uint": {"", "int,uint,double,string", "", "uint"}, "double": {"", "int,uint,double,string", "", "double"},
	"dyn": {"", "any", "", "open"}, "bool": {"", "bool,string", "", "bool"}, "bytes": {"", "bytes,string", "", "bytes"},
	"timestamp": {"", "timestamp,string,int", "", "timestamp"}, "duration": {"", "duration,string,int", "", "duration"}, "type": {"", "any", "", "type"},
	"isURL": {"", "string", "", "bool"}, "isIP": {"", "string", "", "bool"}, "isCIDR": {"", "string", "", "bool"}, "isQuantity": {"", "string", "", "bool"},
	"isSemver": {"", "string", "bool", "bool"}, "url": {"", "string", "", "url"}, "ip": {"", "string", "", "ip"}, "cidr": {"", "string", "", "cidr"},
	"quantity": {"", "string", "", "quantity"}, "semver": {"", "string", "bool", "semver"},
}

func (c *celChecker) call(t *celTree) *celType {
	if t.word == "has" {
		if len(t.args) != 1 || t.args[0].op != "." {
			return c.wrong(Meaning, "has() is asked of one field, as in has(self.a)")
		}
		c.of(t.args[0])
		return celOf("bool")
	}
	s, known := celCalls[t.word]
	if !known {
		c.each(t.args)
		return anyType
	}
	return c.given(t.word, s, anyType, t.args)
}

func (c *celChecker) each(all []*celTree) (types []*celType) {
	for _, one := range all {
		types = append(types, c.of(one))
	}
	return types
}

// given holds what a function is given to what it takes.
func (c *celChecker) given(word string, s celSignature, on *celType, args []*celTree) *celType {
	types, takes := c.each(args), strings.Fields(s.takes)
	if most := len(takes) + len(strings.Fields(s.more)); len(types) < len(takes) || len(types) > most {
		return c.wrong(Type, "%s() takes %s, and is given %d", word, countOf(len(takes), most), len(types))
	}
	for i, kinds := range append(takes, strings.Fields(s.more)...)[:len(types)] {
		if !on.takes(types[i], kinds) {
			return c.wrong(Type, "%s() is given %s", word, types[i])
		}
	}
	c.literals(word, args)
	kind, of, some := strings.Cut(s.gives, " ")
	switch {
	case kind == "of" && on.of != nil:
		return on.of
	case kind == "open":
		return openType
	case kind == "of" || kind == "":
		return anyType
	case some:
		return &celType{kind: kind, of: celOf(of)}
	}
	return celOf(kind)
}

// takes tells whether a method of a value takes another: item is one of a list, or one of the
// value's own kind.
func (t *celType) takes(other *celType, kinds string) bool {
	switch {
	case kinds == "any", kinds == "item" && t.kind == "":
		return true
	case kinds == "item" && t.kind == "list":
		return !differ(other, t.of)
	case kinds == "item":
		return other.isOneOf(t.kind)
	}
	return other.isOneOf(strings.ReplaceAll(kinds, ",", " "))
}

func countOf(least, most int) string {
	switch {
	case most == 0:
		return "nothing"
	case least == most && most == 1:
		return "one value"
	case least == most:
		return fmt.Sprintf("%d values", most)
	}
	return fmt.Sprintf("%d to %d values", least, most)
}

func (c *celChecker) method(t *celTree) *celType {
	target := t.args[0]
	if target.op == "name" && c.names[target.word] == nil { // sets.contains(…), math.greatest(…)
		return c.macroOf(t)
	}
	on := c.of(target)
	if gives, is := c.macro(on, t); is {
		return gives
	}
	s, known := celMethods[t.word]
	switch {
	case t.word == "format" && len(t.args) == 2 && t.args[1].op == "list" && on.isOneOf("string"):
		c.each(t.args[1].args) // of any types
		return celOf("string")
	case t.word == "orValue", t.word == "or":
		return c.orElse(on, t)
	case !known:
		return c.macroOf(t)
	case !on.isOneOf(s.on), on.kind == "list" && celItems[t.word] != "" && !on.of.isOneOf(celItems[t.word]):
		return c.wrong(Type, "%s() has %s before it", t.word, on)
	case on.kind == "null":
		c.each(t.args[1:])
		return anyType
	}
	return c.given(t.word, s, on, t.args[1:])
}

// orElse is a value that may be missing, or another of its type.
func (c *celChecker) orElse(on *celType, t *celTree) *celType {
	other := c.each(t.args[1:])
	want := on.of
	if t.word == "or" {
		want = on
	}
	switch {
	case on.kind == "", on.kind == "null":
		return anyType
	case on.kind != "optional":
		return c.wrong(Type, "%s() has %s before it", t.word, on)
	case len(other) == 1 && differ(want, other[0]):
		return c.wrong(Type, "%s() is given %s, and has %s before it", t.word, other[0], on)
	}
	return want
}

// macro is a method that makes names for what it goes through; is tells whether it is one.
func (c *celChecker) macro(on *celType, t *celTree) (gives *celType, is bool) {
	args, kinds := t.args[1:], map[bool]string{true: "list map", false: "optional"}[!strings.HasPrefix(t.word, "opt")]
	if !slices.Contains(celMacros, t.word) || len(args) < 2 || len(args) > 3 {
		return nil, false
	}
	two := len(args) == 3 && t.word != "map" && t.word != "filter"
	unknown := on.kind == ""
	if unknown {
		on = &celType{kind: strings.Fields(kinds)[0], of: anyType}
	}
	switch {
	case t.word == "existsOne" && !two:
		return c.wrong(Meaning, "existsOne() has two names before its condition: with one, write exists_one()"), true
	case args[0].op != "name" || two && args[1].op != "name":
		return c.wrong(Meaning, "%s() has no name before its comma", t.word), true
	case on.kind == "null" && kinds == "optional":
		return anyType, true
	case !on.isOneOf(kinds):
		return c.wrong(Type, "%s() has %s before it", t.word, on), true
	}
	return c.made(on, t, on.names(args, two, unknown), two), true
}

// names are the types of the names that a macro makes of what it goes through.
func (t *celType) names(args []*celTree, two, unknown bool) map[string]*celType {
	names := map[string]*celType{args[0].word: t.of}
	if two {
		names = map[string]*celType{args[0].word: celOf("int"), args[1].word: t.of}
	}
	switch {
	case unknown:
		names[args[0].word] = anyType
	case t.kind == "map":
		names[args[0].word] = celOf(t.keys)
	}
	return names
}

// celMacros are the methods that make names.
var celMacros = []string{"all", "exists", "exists_one", "existsOne", "filter", "map", "optMap", "optFlatMap"}

// made is what a macro makes of what it goes through.
func (c *celChecker) made(on *celType, t *celTree, names map[string]*celType, two bool) *celType {
	last := c.named(t.args[len(t.args)-1], names)
	cond := last
	if len(t.args) == 4 && !two {
		cond = c.named(t.args[2], names)
	}
	switch asked := t.word != "map" && t.word != "optMap" && t.word != "optFlatMap" || len(t.args) == 4; {
	case asked && !cond.isOneOf("bool"):
		return c.wrong(Type, "%s() asks for %s, and not for true or false", t.word, cond)
	case t.word == "map":
		return &celType{kind: "list", of: last}
	case t.word == "filter" && on.kind == "list":
		return on
	case t.word == "filter":
		return &celType{kind: "list", of: celOf(on.keys)}
	case t.word == "optMap":
		return &celType{kind: "optional", of: last}
	case t.word == "optFlatMap":
		return last
	}
	return celOf("bool")
}

// named is the type of an expression in which names stand for types.
func (c *celChecker) named(t *celTree, names map[string]*celType) *celType {
	before := c.names
	c.names = maps.Clone(before)
	maps.Copy(c.names, names)
	found := c.of(t)
	c.names = before
	return found
}

// macroOf is a function of which nothing is known: the names before its last argument may
// stand for anything.
func (c *celChecker) macroOf(t *celTree) *celType {
	names := map[string]*celType{}
	args := t.args[1:]
	for _, one := range args[:max(0, len(args)-1)] {
		if one.op == "name" && one.word != "self" && one.word != "oldSelf" {
			names[one.word] = anyType
		}
	}
	for _, one := range args {
		c.named(one, names)
	}
	return anyType
}

// literalText is what a literal says, unless it is of another kind, or has more escapes than
// those of backslashes.
func literalText(t *celTree) (text string, ok bool) {
	if t.op != "literal" || celKindOf(t.word) != "string" {
		return "", false
	}
	i := strings.IndexAny(t.word, `'"`)
	raw, text := i > 0, t.word[i:]
	quote := text[:1]
	if len(text) >= 6 && strings.HasPrefix(text, quote+quote+quote) {
		quote += quote + quote
	}
	text = text[len(quote) : len(text)-len(quote)]
	if raw {
		return text, true
	}
	return strings.ReplaceAll(text, `\\`, `\`), !strings.Contains(strings.ReplaceAll(text, `\\`, ""), `\`)
}

// literals holds texts that stand for something else to what they stand for.
func (c *celChecker) literals(word string, args []*celTree) {
	if len(args) == 0 {
		return
	}
	text, ok := literalText(args[len(args)-1])
	if !ok {
		return
	}
	var err error
	switch word {
	case "matches":
		_, err = regexp.Compile(text)
	case "timestamp":
		_, err = time.Parse(time.RFC3339, text)
	case "duration":
		_, err = time.ParseDuration(text)
	}
	if err != nil {
		c.wrong(Format, "%s() does not understand %s", word, short(text))
	}
}
