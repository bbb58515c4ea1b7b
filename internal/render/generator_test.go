package render

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// generated is a random template.
type generated struct {
	Template  string            `json:"template"`
	Templates map[string]string `json:"templates,omitempty"`
	Features  []string          `json:"features"`         // what stands in it, sorted
	Wanted    string            `json:"wanted,omitempty"` // the name of the wanted difference that it may show
	Answer    *answer           `json:"answer,omitempty"` // of Python
}

// generatedValues are what generated templates see.
func generatedValues() Values {
	return Values{
		"app": "Web-Shop", "name": "redis", "tag": "1.25.0", "empty": "", "host": "db.example.com", "uni": "Straße Ärger ΣΑΣ",
		"html": `<b class="x">a & 'b'</b> <!-- c -->`, "text": "one two\n  three-four\n\nfive", "spaced": "  a\tb c ", "num": "42", "qty": "1Gi",
		"replicas": 3, "port": 8080, "zero": 0, "big": 1234567, "minus": -7, "ratio": 2.5, "small": 0.1, "half": 0.5,
		"on": true, "off": false, "nothing": nil,
		"ports": []any{443, 80, 8080}, "hosts": []any{"b.example.com", "A.example.com", "a.example.com"}, "none_": []any{},
		"mixed": []any{1, "a", nil, 2.5, true, "B"}, "nested": []any{[]any{1, 2}, []any{3}}, "floats": []any{1.5, 1, 0.25},
		"labels": Values{"app": "web", "tier": "front-end", "Zone": "b"}, "image": Values{"repository": "nginx", "tag": "1.25", "pull": true},
		"limits": Values{"cpu": "500m", "memory": "1Gi"}, "nil_": Values{},
		"services": []any{
			Values{"name": "web", "port": 80, "tls": true, "meta": Values{"zone": "b"}},
			Values{"name": "Api", "port": 8080, "tls": false, "meta": Values{"zone": "a"}},
			Values{"name": "db", "port": 80, "tls": true, "meta": Values{"zone": "a"}},
		},
		"tree": []any{Values{"n": "a", "c": []any{Values{"n": "b", "c": []any{}}}}, Values{"n": "d", "c": []any{}}},
	}
}

// shapeKind is what an expression should give.
type shapeKind int

const (
	kText shapeKind = iota
	kNumber
	kBool
	kList
	kDict
	kServices
	kindCount = 5 // of those that a wild choice is made of
)

var variables = map[shapeKind][]string{
	kText:   {"app", "name", "tag", "empty", "host", "uni", "html", "text", "spaced", "num", "qty"},
	kNumber: {"replicas", "port", "zero", "big", "minus", "ratio", "small", "half"},
	kBool:   {"on", "off"},
	kList:   {"ports", "hosts", "none_", "mixed", "nested", "floats", "services"},
	kDict:   {"labels", "image", "limits", "nil_"},
}

// generator writes one template.
type generator struct {
	*rand.Rand
	used   map[string]bool
	locals map[shapeKind][]string // variables that the template made
	files  map[string]string
	wanted string
	serial int
}

// generate gives template number n of a seed. Each template has two features that
// are its turn, and what else comes along.
func generate(seed, n uint64) generated {
	g := &generator{
		Rand: rand.New(rand.NewPCG(seed, n)), used: map[string]bool{}, locals: map[shapeKind][]string{}, files: map[string]string{},
	}
	all := uint64(len(turns))
	parts := []string{turns[n%all].write(g), turns[(n+n/all+all/2)%all].write(g)}
	if g.chance(30) {
		parts = append(parts, g.statement(2))
	}
	g.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(p)
		b.WriteString(g.pick("\n", "\n", " ", "", "\n  ", "a: "))
	}
	return generated{
		Template: b.String(), Templates: g.files, Features: slices.Sorted(maps.Keys(g.used)), Wanted: g.wanted,
	}
}

func (g *generator) use(feature string)       { g.used[feature] = true }
func (g *generator) chance(percent int) bool  { return g.IntN(100) < percent }
func (g *generator) pick(of ...string) string { return of[g.IntN(len(of))] }

// name is a new name.
func (g *generator) name() string {
	g.serial++
	return "v" + strconv.Itoa(g.serial)
}

// turn is a feature, and how to write something that has it.
type turn struct {
	feature string
	write   func(*generator) string
}

// turns are all features.
var turns []turn

// sorted2 walks a mapping in the order of its keys.
func sorted2[V any](m map[string]V) func(func(string, V) bool) {
	return func(yield func(string, V) bool) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}

// print is {{ value }} with all marks.
func (g *generator) print(value string) string {
	g.use("print")
	switch g.IntN(24) {
	case 0:
		g.use("mark -")
		return " {{- " + value + " -}} "
	case 1:
		g.use("mark -")
		return "{{" + value + " -}}\n"
	case 2:
		g.use("print tag")
		return "{% print " + value + " %}"
	}
	return "{{ " + value + " }}"
}

// tag is {% text %} with all marks.
func (g *generator) tag(text string) string {
	open, end := "{%", "%}"
	switch g.IntN(12) {
	case 0:
		g.use("mark -")
		open = "{%-"
	case 1:
		g.use("mark -")
		end = "-%}"
	case 2:
		g.use("mark +")
		open = "{%+"
	case 3:
		g.use("mark +")
		end = "+%}"
	}
	return open + " " + text + " " + end
}

// body is what stands in a tag.
func (g *generator) body(depth int) string {
	if depth <= 0 || g.chance(60) {
		return g.pick("x", "\n", "- ", "key: value\n", "") + g.print(g.any(1)) + g.pick("", "\n", ";")
	}
	return g.statement(depth - 1)
}

func (g *generator) statement(depth int) string {
	names := slices.Sorted(maps.Keys(statements))
	name := names[g.IntN(len(names))]
	if depth < 2 && (strings.HasPrefix(name, "block") || name == "extends" || name == "super" || name == "self") {
		name = "if"
	}
	g.use(name)
	return statements[name](g, depth)
}

// any is an expression of any kind.
func (g *generator) any(depth int) string { return g.expr(shapeKind(g.IntN(kindCount)), depth) }

// expr is an expression that should be of a kind; now and then it is another.
func (g *generator) expr(k shapeKind, depth int) string {
	if g.chance(2) {
		k = shapeKind(g.IntN(kindCount))
	}
	if depth <= 0 || g.chance(30) {
		return g.atom(k)
	}
	if g.chance(12) {
		return g.bracketed(g.conditional(k, depth-1))
	}
	if g.chance(5) {
		g.use(g.pick("or", "and"))
		return g.bracketed(g.expr(k, depth-1) + " " + g.pick("or", "and") + " " + g.expr(k, depth-1))
	}
	var out string
	switch k {
	case kText:
		out = g.textOf(depth)
	case kNumber:
		out = g.numberOf(depth)
	case kBool:
		out = g.boolOf(depth)
	case kList:
		out = g.listOf(depth)
	default:
		out = g.dictOf(depth)
	}
	return g.bracketed(out)
}

// bracketed puts brackets around an expression, or leaves it to what binds.
func (g *generator) bracketed(text string) string {
	if g.chance(55) && strings.ContainsAny(text, " -+") {
		g.use("brackets")
		return "(" + text + ")"
	}
	return text
}

func (g *generator) conditional(k shapeKind, depth int) string {
	g.use("if expression")
	out := g.expr(k, depth) + " if " + g.expr(kBool, depth)
	switch g.IntN(10) {
	case 0:
		g.use("if expression without else")
		return out
	case 1:
		g.use("if expression, chained")
		return out + " else " + g.expr(k, depth) + " if " + g.expr(kBool, depth) + " else " + g.expr(k, depth)
	}
	return out + " else " + g.expr(k, depth)
}

func (g *generator) atom(k shapeKind) string {
	if names := append(slices.Clone(variables[k]), g.locals[k]...); len(names) > 0 && g.chance(60) {
		g.use("variable")
		return names[g.IntN(len(names))]
	}
	switch k {
	case kText:
		return g.textLiteral()
	case kNumber:
		return g.numberLiteral()
	case kBool:
		g.use("bool")
		return g.pick("true", "false", "True", "False")
	case kList:
		g.use("list")
		return g.pick("[1, true, 1.0]", "['b', 'A', 'a', 'B']", "[none, 1]", "['a', 1]", "[[2, 'x'], [1, 'y']]", "[0, '', none, [], 'x']", "['10', '9', 9]", "[1e16, 2 ** 70]", "[(1, 2), (1,)]", "[1, 2, 3]", "['a', 'B', 'c']", "[]", "[3, 1, 2,]", "['x', 'y'] + ['z']", "[1.5, 2]", "(1, 2)", "('b', 'a')")
	case kServices:
		return "services[0]"
	}
	g.use("dict")
	return g.pick("{'b': 1, 'a': 2}", "{}", "{'x': 'y',}", "{'k': [1, 2], 'n': none}", "{1: 'one', 'two': 2}", "{'B': 2, 'a': 1, 'C': 3}")
}

func (g *generator) textLiteral() string {
	g.use("string")
	switch g.IntN(14) {
	case 0:
		g.use("escape")
		return g.pick(`"a\nb"`, `'it\'s'`, `"\u00e4\x41\t."`, `'a\\b'`, `"\101\q"`)
	case 1:
		g.use("strings side by side")
		return `'ab' "cd"`
	case 2:
		return g.pick(`''`, `""`)
	}
	return g.pick(`'abc'`, `'1.10'`, `'0x10'`, `' 12 '`, `'1_000'`, `'True'`, `'a\tb'`, `'x=1&y=2 z'`, `'<a href=\"#\">l</a>'`, `'ﬁ ǆ İ'`, `'one--two - three-four-five'`, `'{}'`, `'a%b'`, `'ÀÉ\u00a0x'`, `'1e5'`, `'-5'`, `'inf'`, `'/a//b/'`, `'aXbXc'`, `"Hello World"`, `'a-b_c.d'`, `'x,y,z'`, `"don't"`, `'é'`, `'10'`, `'3.7'`, `' pad '`, `'UPPER lower'`, `'/var/lib/data'`, `'a: b'`, `'%s'`)
}

func (g *generator) numberLiteral() string {
	switch g.IntN(8) {
	case 0:
		g.use("float")
		return g.pick("1.5", "0.1", "2.0", "1e3", "1.5e-3", "10_0.5")
	case 1:
		g.use("integer with a base")
		return g.pick("0x1f", "0b101", "0o17", "1_000", "00")
	case 2:
		g.use("none")
		return g.pick("none", "None")
	}
	g.use("integer")
	return strconv.Itoa(g.IntN(12))
}

func (g *generator) textOf(depth int) string {
	switch g.IntN(10) {
	case 0, 1:
		return g.filtered(g.shape(filterShapes, kText), depth)
	case 2, 3:
		return g.method(g.shape(methodShapes, kText), depth)
	}
	return g.operation(depth, "~", "+", "text * number", "text % values", "text % mapping", "attribute", "item", "item of text", "slice of text", "first of split", "item by key")
}

func (g *generator) numberOf(depth int) string {
	switch g.IntN(8) {
	case 0:
		return g.filtered(g.shape(filterShapes, kNumber), depth)
	case 1:
		return g.method(g.shape(methodShapes, kNumber), depth)
	}
	return g.operation(depth, "numbers +", "numbers -", "*", "/", "//", "%", "**", "sign -", "sign +", "item of list", "two signs")
}

func (g *generator) boolOf(depth int) string {
	switch g.IntN(8) {
	case 0, 1:
		return g.tested(testShapes[g.IntN(len(testShapes))], depth)
	case 2:
		return g.method(g.shape(methodShapes, kBool), depth)
	}
	return g.operation(depth, "not", "and", "or", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "compared, chained", "in list", "not not")
}

func (g *generator) listOf(depth int) string {
	switch g.IntN(6) {
	case 0, 1:
		return g.filtered(g.shape(filterShapes, kList), depth)
	case 2:
		return g.method(g.shape(methodShapes, kList), depth)
	}
	return g.operation(depth, "list of values", "tuple", "slice of list", "lists +", "list * number", "range")
}

func (g *generator) dictOf(depth int) string {
	return g.operation(depth, "dict of values", "dict()", "item of services", "dict(mapping)")
}

func (g *generator) operation(depth int, names ...string) string {
	name := names[g.IntN(len(names))]
	g.use(name)
	return operations[name](g, depth)
}

// operations are the expressions that are neither filter, test nor method.
var operations map[string]func(g *generator, depth int) string

func binaryOf(op string, left, right shapeKind) func(*generator, int) string {
	return func(g *generator, depth int) string {
		return g.expr(left, depth-1) + g.pick(" ", " ", "") + spaced(op) + g.pick(" ", " ", "") + g.expr(right, depth-1)
	}
}

// spaced keeps a sign from melting into its neighbours.
func spaced(op string) string {
	if op == "/" || op == "//" || op == "*" || op == "**" || strings.Trim(op, "abcdefghijklmnopqrstuvwxyz ") == "" {
		return " " + op + " "
	}
	return op
}

func init() {
	operations = map[string]func(g *generator, depth int) string{
		"+": binaryOf("+", kText, kText), "numbers +": binaryOf("+", kNumber, kNumber), "numbers -": binaryOf("- ", kNumber, kNumber),
		"*": binaryOf("*", kNumber, kNumber), "/": binaryOf("/", kNumber, kNumber), "//": binaryOf("//", kNumber, kNumber),
		"%": binaryOf("%", kNumber, kNumber), "lists +": binaryOf("+", kList, kList),
		"**": func(g *generator, depth int) string {
			return g.expr(kNumber, depth-1) + " ** " + g.pick("2", "0", "3", "0.5", "-1")
		},
		"**, chained": func(g *generator, depth int) string {
			return "2 ** " + g.pick("1", "2", "3") + " ** " + g.pick("2", "3")
		},
		"~": func(g *generator, depth int) string {
			return g.any(depth-1) + " ~ " + g.any(depth-1) + g.pick("", "", " ~ "+g.atom(kText))
		},
		"text * number": func(g *generator, depth int) string {
			return g.expr(kText, depth-1) + " * " + g.pick("2", "0", "3", "-1", "zero")
		},
		"list * number": func(g *generator, depth int) string { return g.expr(kList, depth-1) + " * " + g.pick("2", "0", "1") },
		"text % values": func(g *generator, depth int) string {
			return g.pick("'%s-%s'", "'%5s|%-5s'", "'%s %r'", "'%.2s:%s'") + " % (" + g.any(depth-1) + ", " + g.any(depth-1) + ")"
		},
		"text % number": func(g *generator, depth int) string {
			return g.pick("'%d'", "'%05d'", "'%+d'", "'%x'", "'%X'", "'%o'", "'%.2f'", "'%8.3f'", "'%e'", "'%g'", "'%i%%'", "'%#x'", "'%-6d|'", "'% d'", "'%.3d'", "'%c'", "'%s'") + " % " + g.atom(kNumber)
		},
		"text % mapping": func(g *generator, depth int) string {
			return g.pick("'%(cpu)s/%(memory)s'", "'%(cpu)5s'", "'%(nope)s'") + " % limits"
		},
		"attribute": func(g *generator, _ int) string {
			return g.pick("image.tag", "labels.app", "limits.cpu", "services[1].name", "image.pull", "services.0.meta.zone", "image.repository")
		},
		"item": func(g *generator, _ int) string {
			return g.pick("hosts[0]", "hosts[-1]", "services[2]['name']", "hosts.1", "labels['Zone']")
		},
		"item by key": func(g *generator, depth int) string {
			return g.pick("labels", "image", "limits") + "[" + g.pick("'app'", "'tag'", "'cp' ~ 'u'", "name", "1", "'cpu'") + "]"
		},
		"item of text": func(g *generator, depth int) string {
			return g.bracketed(g.expr(kText, depth-1)) + "[" + g.pick("0", "-1", "1", "9", "'upper'") + "]"
		},
		"item of list": func(g *generator, depth int) string {
			return g.pick("ports[0]", "ports[-1]", "ports[1]", "ports[replicas]", "nested[0][1]", "floats.2")
		},
		"item of services": func(g *generator, _ int) string {
			return g.pick("services[0]", "services[1].meta", "services|first", "services[-1]")
		},
		"first of split": func(g *generator, _ int) string {
			return g.pick("tag.split('.')[0]", "host.split('.')|last", "app.split('-')|first", "text.split()[1]", "text.split(none, 1)[1]")
		},
		"slice of text": func(g *generator, depth int) string { return g.bracketed(g.expr(kText, depth-1)) + g.slice() },
		"slice of list": func(g *generator, depth int) string { return g.bracketed(g.expr(kList, depth-1)) + g.slice() },
		"sign -":        func(g *generator, depth int) string { return "-" + g.expr(kNumber, depth-1) },
		"sign +":        func(g *generator, depth int) string { return "+" + g.expr(kNumber, depth-1) },
		"two signs":     func(g *generator, depth int) string { return g.pick("- -", "-+", "+-") + g.atom(kNumber) },
		"not":           func(g *generator, depth int) string { return "not " + g.expr(kBool, depth-1) },
		"not not":       func(g *generator, depth int) string { return "not not " + g.any(depth-1) },
		"and":           func(g *generator, depth int) string { return g.any(depth-1) + " and " + g.expr(kBool, depth-1) },
		"or":            func(g *generator, depth int) string { return g.any(depth-1) + " or " + g.any(depth-1) },
		"in list": func(g *generator, depth int) string {
			return g.any(depth-1) + g.pick(" in ", " not in ") + g.expr(kList, depth-1)
		},
		"in filtered": func(g *generator, depth int) string {
			return g.pick("'web'", "'shop'", "name") + " in app|" + g.pick("lower", "upper", "title")
		},
		"in": func(g *generator, depth int) string {
			return g.expr(kText, depth-1) + " in " + g.pick("labels", "app", "hosts", "text", "limits", "labels.values()", "image.keys()")
		},
		"not in": func(g *generator, depth int) string {
			return g.expr(kText, depth-1) + " not in " + g.pick("labels", "app", "hosts", "mixed")
		},
		"compared, chained": func(g *generator, depth int) string {
			return g.expr(kNumber, depth-1) + g.pick(" < ", " <= ", " == ") + g.expr(kNumber, depth-1) + g.pick(" < ", " != ", " > ", " in [") + g.atom(kNumber)
		},
		"is after arithmetic": func(g *generator, depth int) string {
			return g.atom(kNumber) + g.pick(" + ", " * ", " - ", " ~ ") + g.atom(kNumber) + " is " + g.pick("odd", "number", "string", "not even")
		},
		"list of values": func(g *generator, depth int) string {
			return "[" + g.any(depth-1) + ", " + g.any(depth-1) + g.pick("", ",", ", "+g.atom(kText)) + "]"
		},
		"tuple": func(g *generator, depth int) string {
			return "(" + g.any(depth-1) + ", " + g.pick("", g.any(depth-1)) + ")"
		},
		"dict of values": func(g *generator, depth int) string {
			return "{" + g.atom(kText) + ": " + g.any(depth-1) + ", 'z': " + g.any(depth-1) + g.pick("", ",") + "}"
		},
		"dict()": func(g *generator, depth int) string {
			return "dict(b=" + g.any(depth-1) + ", a=" + g.any(depth-1) + ")"
		},
		"dict(mapping)": func(g *generator, depth int) string {
			return g.pick("dict(labels, x=1)", "dict(**limits)", "dict([('a', 1), ['b', 2]])", "dict(limits, **{'cpu': '1'})")
		},
		"range": func(g *generator, _ int) string {
			return g.pick("range(4)", "range(1, 5)", "range(10, 0, -3)", "range(replicas)", "range(3)|list", "range(0)")
		},
		"joiner": func(g *generator, _ int) string { return g.pick("joiner()() ~ 'x'", "joiner('|')()") },
		"cycler": func(g *generator, _ int) string { return g.pick("cycler('a', 'b').next()", "cycler(1, 2).current") },
		"namespace()": func(g *generator, _ int) string {
			return g.pick("namespace(a=1).a", "namespace(limits).cpu", "namespace({'a': 1}, b=2)", "namespace(a=1)['a']")
		},
		"call with *": func(g *generator, _ int) string {
			return g.pick("range(*[1, 4])|list", "'{}-{}'.format(*hosts[:2])", "'{a}{b}'.format(**{'a': 1, 'b': 2})", "dict(*[limits])")
		},
		"undefined, default": func(g *generator, depth int) string {
			return g.pick("missing", "image.nope", "labels['nope']") + "|default(" + g.any(depth-1) + ")"
		},
		"undefined": func(g *generator, _ int) string {
			return g.pick("missing", "image.nope", "ports[9]", "missing.x", "missing is defined", "image.nope is undefined", "missing is not defined", "missing == 1", "[missing]|length")
		},
		"slice with step": func(g *generator, _ int) string {
			return g.pick("ports[::2]", "app[::-1]", "hosts[:-1:1]", "(1, 2, 3)[1:]", "range(9)[2::3]|list", "text[4:1:-1]", "labels[1:]")
		},
		"number, odd": func(g *generator, _ int) string {
			return g.pick("1e19|int", "10 ** 20", "9999999999999999999 + 1", "1e400", "-1e400", "1e400 - 1e400", "2 ** 64 // 3", "7 // -2", "-7 % 3", "7.5 // 2", "-7.5 % 2", "1e16", "1e-5", "123456789.0 * 1000", "0.1 + 0.2", "007", "1 / 3", "10 / 5")
		},
	}
	for _, op := range []string{"==", "!=", "<", "<=", ">", ">="} {
		operations[op] = func(g *generator, depth int) string {
			k := shapeKind(g.IntN(4))
			return g.expr(k, depth-1) + " " + op + " " + g.expr(k, depth-1)
		}
	}
}

func (g *generator) slice() string {
	return g.pick("[1:]", "[:2]", "[1:3]", "[-2:]", "[:-1]", "[::2]", "[::-1]", "[:]", "[2:1]", "[none:2]", "[replicas:]")
}

// statements are the tags.
var statements map[string]func(g *generator, depth int) string

func init() {
	statements = map[string]func(g *generator, depth int) string{
		"text": func(g *generator, _ int) string {
			return g.pick("kind: Pod\n", "a { b } c", "}} %} #}", "ä\n\n", "{ {", "  key: 'v'\n")
		},
		"comment": func(g *generator, _ int) string {
			return g.pick("{# c #}", "a {#- c -#} b", "{# {{ x }} #}\n", "{#+ c +#}", "{##}", "\n  {# c #}\n")
		},
		"raw": func(g *generator, _ int) string {
			return g.pick("{% raw %}{{ x }}{% endraw %}", "{%- raw -%} {% if %} {%- endraw -%}", "a {% raw %}\n{# c #}\n{% endraw +%}\n", "{% raw %}{% endraw %}")
		},
		"if": func(g *generator, depth int) string {
			return g.tag("if "+g.expr(kBool, depth)+g.pick("", "", "", ":")) + g.body(depth) + g.tag("endif")
		},
		"else": func(g *generator, depth int) string {
			return g.tag("if "+g.any(depth)) + g.body(depth) + g.tag("else") + g.body(depth-1) + g.tag("endif")
		},
		"elif": func(g *generator, depth int) string {
			return g.tag("if "+g.expr(kBool, depth)) + g.body(depth-1) + g.tag("elif "+g.expr(kBool, depth)) + g.body(depth-1) + g.tag("else") + "-" + g.tag("endif")
		},
		"for": func(g *generator, depth int) string { return g.loop(depth, "", "") },
		"for if": func(g *generator, depth int) string {
			return g.loop(depth, " if "+g.pick("ITEM", "ITEM != 80", "ITEM is string", "loop is not defined", "ITEM is defined"), "")
		},
		"for else": func(g *generator, depth int) string {
			return g.loop(depth, g.pick("", " if false"), g.tag("else")+g.body(0))
		},
		"for pairs": func(g *generator, depth int) string {
			return g.tag("for k, v in "+g.pick("labels.items()", "limits|items", "labels|dictsort", "[('a', 1), ('b', 2)]", "[[1, 2]]", "['ab', 'cd']", "hosts", "dict(a=1).items()")) + "{{ k }}={{ v }} " + g.tag("endfor")
		},
		"for nested pairs": func(g *generator, _ int) string {
			return "{% for a, (b, c) in [(1, (2, 3)), ('x', 'yz')] %}{{ a }}{{ b }}{{ c }}{% endfor %}"
		},
		"for pairs of mapping": func(g *generator, _ int) string {
			g.wanted = "pairs"
			return "{% for k, v in " + g.pick("labels", "limits", "image") + " %}{{ k }}={{ v }} {% endfor %}"
		},
		"for over mapping": func(g *generator, _ int) string {
			return "{% for k in " + g.pick("labels", "limits", "nil_", "image") + " %}{{ k }} {% endfor %}"
		},
		"for recursive": func(g *generator, _ int) string {
			return "{% for n in tree recursive %}{{ n.n }}" + g.pick("", "{{ loop.depth }}", "{{ loop.depth0 }}") + "{% if n.c %}({{ loop(n.c) }}){% endif %}" + g.pick("", "{% else %}-") + "{% endfor %}"
		},
		"loop": func(g *generator, _ int) string {
			return "{% for x in " + g.pick("ports", "hosts", "'abc'", "range(3)", "services|map(attribute='name')", "none_") + " %}{{ loop." +
				g.pick("index", "index0", "revindex", "revindex0", "first", "last", "length", "depth", "depth0", "cycle('a', 'b')", "changed(x|string|length)", "nextitem is defined", "previtem is defined", "nextitem|default('-')", "nope is defined") + " }},{% endfor %}"
		},
		"set": func(g *generator, depth int) string {
			return g.assign(shapeKind(g.IntN(kindCount)), depth) + g.print(g.any(1))
		},
		"set pairs": func(g *generator, depth int) string {
			return g.pick("{% set a, b = 1, 'x' %}", "{% set a, b = hosts[:2] %}", "{% set (a, b) = ports %}", "{% set a, b = 'xy' %}") + "{{ a }}{{ b }}"
		},
		"set tuple": func(g *generator, depth int) string {
			return "{% set a = " + g.any(1) + ", " + g.any(1) + g.pick("", ",") + " %}{{ a }}"
		},
		"set block": func(g *generator, depth int) string {
			n := g.name()
			out := g.tag("set "+n) + g.body(depth-1) + g.tag("endset")
			g.locals[kText] = append(g.locals[kText], n)
			return out + "[{{ " + n + " }}]"
		},
		"set block with filter": func(g *generator, depth int) string {
			return g.tag("set b | "+g.pick("upper", "trim", "indent(2) | trim", "length", "replace('a', 'b')")) + g.body(depth-1) + g.tag("endset") + "{{ b }}"
		},
		"set in namespace": func(g *generator, _ int) string {
			return "{% set ns = namespace(n=0) %}{% for x in " + g.pick("ports", "hosts", "range(3)") + " %}{% set ns.n = ns.n + " + g.pick("1", "x|length", "loop.index") + " %}{% endfor %}{{ ns.n }}"
		},
		"set in loop": func(g *generator, _ int) string {
			return "{% set c = 0 %}{% for x in ports %}{% set c = c + 1 %}{{ c }}{% endfor %}{{ c }}"
		},
		"set in if": func(g *generator, depth int) string {
			return "{% if " + g.expr(kBool, 1) + " %}{% set w = 1 %}{% endif %}{{ w|default('-') }}"
		},
		"with": func(g *generator, depth int) string {
			return g.tag("with a = "+g.any(1)+g.pick("", ", b = "+g.any(1), ", b = a|default('n')")) + "{{ a }}{{ b|default('') }}" + g.body(depth-1) + g.tag("endwith") + g.pick("", "{{ a is defined }}")
		},
		"macro": func(g *generator, depth int) string { return g.macro(depth) },
		"macro, recursive": func(g *generator, _ int) string {
			return "{% macro walk(nodes, n=0) %}{% for x in nodes %}{{ '-' * n }}{{ x.n }}{{ walk(x.c, n + 1) }}{% endfor %}{% endmacro %}{{ walk(tree) }}"
		},
		"macro varargs": func(g *generator, _ int) string {
			return "{% macro m(a) %}{{ a }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(" + g.pick("1", "1, 2", "1, 2, x=3", "a=1", "y=2, *[1, 2]", "**{'a': 1, 'q': 2}") + ") }}"
		},
		"macro attributes": func(g *generator, _ int) string {
			return "{% macro m(a, b=1) %}{% endmacro %}{{ m." + g.pick("name", "arguments", "catch_kwargs", "catch_varargs", "caller") + " }}"
		},
		"call": func(g *generator, depth int) string {
			return "{% macro m(x) %}<{{ caller(" + g.pick("", "", "x") + ") }}>{% endmacro %}" + g.pick("{% call m(1) %}", "{% call(y) m(2) %}", "{% call(y=5) m(2) %}") + g.pick("in", "{{ y }}", g.body(0)) + "{% endcall %}"
		},
		"filter block": func(g *generator, depth int) string {
			return g.tag("filter "+g.pick("upper", "indent(2)", "replace('e', 'E') | trim", "title", "tojson", "default('x')", "escape")) + g.body(depth-1) + g.tag("endfilter")
		},
		"autoescape": func(g *generator, depth int) string {
			return g.tag("autoescape "+g.pick("true", "false")) + "{{ html }}{{ html ~ 'x' }}" + g.body(depth-1) + g.tag("endautoescape")
		},
		"block": func(g *generator, depth int) string {
			n := g.name()
			return g.tag("block "+n) + g.body(depth-1) + g.tag("endblock"+g.pick("", " "+n))
		},
		"block scoped": func(g *generator, _ int) string {
			return "{% for i in " + g.pick("ports", "[1, 2]") + " %}{% block " + g.name() + g.pick(" scoped", "") + " %}{{ i|default('-') }}{{ loop.index|default('?') }}{% endblock %}{% endfor %}"
		},
		"block required": func(g *generator, _ int) string {
			return g.extended("{% block a required %}{% endblock %}", g.pick("{% block a %}A{% endblock %}", ""))
		},
		"self": func(g *generator, _ int) string {
			n := g.name()
			return "{% block " + n + " %}s{% endblock %}{{ self." + n + "() }}"
		},
		"extends": func(g *generator, depth int) string {
			return g.extended("top {% block a %}base a{% endblock %} mid {% block b %}base b{{ x|default('') }}{% endblock %} end", g.pick("{% block a %}own "+g.print(g.any(1))+"{% endblock %}", "{% set x = 1 %}{% block b %}b{{ x }}{% endblock %}", "text {{ name }}", "{% macro m() %}{% endmacro %}{% set x = 5 %}"))
		},
		"super": func(g *generator, _ int) string {
			return g.extended("{% block a %}base{% endblock %}", "{% block a %}<{{ super() }}>{% endblock %}")
		},
		"extends variable": func(g *generator, _ int) string {
			g.files["base2"] = "[{% block a %}{% endblock %}]"
			return "{% set p = 'base2' %}{% extends p %}{% block a %}x{% endblock %}"
		},
		"include": func(g *generator, depth int) string {
			g.files["part"] = "part {{ name }}{{ v1|default('-') }}" + g.body(0)
			return g.pick("{% include 'part' %}", "{% set v1 = 2 %}{% include 'part' with context %}", "{% for v1 in [1, 2] %}{% include 'part' %}{% endfor %}", "{% include ['nope', 'part'] %}", "{% include 'par' ~ 't' %}")
		},
		"include without context": func(g *generator, _ int) string {
			g.wanted = "include"
			g.files["bare"] = "{{ name|default('none') }}"
			return "{% include 'bare' without context %}"
		},
		"include ignore missing": func(g *generator, _ int) string {
			return "{% include " + g.pick("'nope'", "['nope', 'no']") + " ignore missing" + g.pick("", " with context") + " %}"
		},
		"include missing": func(g *generator, _ int) string { return "{% include 'nope' %}" },
		"import": func(g *generator, _ int) string {
			g.files["lib"] = lib
			return "{% import 'lib' as lib" + g.pick("", " with context", " without context") + " %}{{ lib." + g.pick("tag('x')", "tag(text='y', n=2)", "version", "nope is defined", "seen()", "_hidden|default('h')") + " }}"
		},
		"from import": func(g *generator, _ int) string {
			g.files["lib"] = lib
			return "{% from 'lib' import " + g.pick("tag, version", "tag as t, version", "version as version", "seen with context", "tag, version,", "nope") + " %}{{ " + g.pick("tag('a')|default('-')", "version|default('-')", "t('q')", "seen()", "nope|default('n')") + " }}"
		},
		"parse error": func(g *generator, _ int) string {
			return g.pick("{{ 1 + }}", "{% if %}x{% endif %}", "{{ a b }}", "{% for in x %}{% endfor %}", "{% endif %}", "{{ 'abc }}", "{% if x %}", "{{ (1 }}", "{{ 1 is }}", "{% set x %}", "{{ [1, 2 }}", "{% do 1 %}", "{% break %}", "{{ x | }}", "{% macro m(a=1, b) %}{% endmacro %}", "{{ {a: } }}", "{% include %}", "{% block %}{% endblock %}", "{{ f(a=1, 2) }}", "{% unknown %}", "{{ name. }}", "{{ }}", "{% set 1 = 2 %}", "{{ x is defined is true }}", "{% raw %}x", "{# open")
		},
	}
}

// lib is a template to import.
const lib = `{% set version = '1.2' %}{% set _hidden = 1 %}{% macro tag(text, n=1) %}<{{ text * n }}>{% endmacro %}{% macro seen() %}{{ name|default('no name') }}{% endmacro %}`

func (g *generator) extended(base, own string) string {
	g.files["base"] = base
	return "{% extends 'base' %}" + own
}

// assign is a set whose variable the template may use from then on.
func (g *generator) assign(k shapeKind, depth int) string {
	value, n := g.expr(k, depth), g.name()
	g.locals[k] = append(g.locals[k], n)
	return g.tag("set " + n + " = " + value)
}

func (g *generator) loop(depth int, rest, other string) string {
	n := g.name()
	value := g.expr(kList, depth-1)
	if strings.Contains(value, " if ") {
		value = "(" + value + ")"
	}
	return g.tag("for "+n+" in "+value+strings.ReplaceAll(rest, "ITEM", n)) + "{{ " + n + " }}" + g.pick("", ",", "{{ loop.index }}") + g.pick("", g.body(depth-1)) + other + g.tag("endfor")
}

func (g *generator) macro(depth int) string {
	n := g.name()
	parameters := g.pick("a", "a, b=2", "a='x', b=[]", "", "a=name, b=a")
	return g.tag("macro "+n+"("+parameters+")") + "{{ a|default('?') }}/{{ b|default('?') }}" + g.body(depth-1) + g.tag("endmacro") +
		"{{ " + n + "(" + g.pick("", "1", "1, 2", "b=3", "a=1, b=2", "1, 2, 3", "c=1", g.any(1)) + ")" + g.pick("", "|upper", "|length") + " }}"
}

// shape is a filter, test or method, with what it takes and gives.
type shape struct {
	name  string
	takes shapeKind
	gives shapeKind
	args  []string // what may stand after it, brackets and all
}

func (g *generator) shape(from []shape, gives shapeKind) shape {
	var fit []shape
	for _, s := range from {
		if s.gives == gives {
			fit = append(fit, s)
		}
	}
	return fit[g.IntN(len(fit))]
}

func (g *generator) args(s shape) string {
	if len(s.args) == 0 {
		return ""
	}
	out := s.args[g.IntN(len(s.args))]
	for strings.Contains(out, "TEXT") {
		out = strings.Replace(out, "TEXT", g.atom(kText), 1)
	}
	for strings.Contains(out, "ANY") {
		out = strings.Replace(out, "ANY", g.atom(shapeKind(g.IntN(kindCount))), 1)
	}
	return out
}

// subject is what a filter, test or method is applied to.
func (g *generator) subject(k shapeKind, depth int) string {
	if k == kServices {
		return g.pick("services", "services", "services", "services[:2]", "none_", "ports")
	}
	out := g.expr(k, depth-1)
	if strings.ContainsAny(out, " -+") && g.chance(75) {
		g.use("brackets")
		return "(" + out + ")"
	}
	return out
}

func (g *generator) filtered(s shape, depth int) string {
	g.use("filter " + s.name)
	return g.subject(s.takes, depth) + g.pick("|", " | ", "|") + s.name + g.args(s)
}

func (g *generator) tested(s shape, depth int) string {
	g.use("test " + s.name)
	is := " is "
	if g.chance(25) {
		g.use("is not")
		is = " is not "
	}
	return g.subject(s.takes, depth) + is + s.name + g.args(s)
}

func (g *generator) method(s shape, depth int) string {
	g.use("method " + s.name)
	if s.takes == kServices { // the argument is all of it
		return g.args(s)
	}
	on := g.subject(s.takes, depth)
	if strings.ContainsAny(on, " -+") && on[0] != '(' || on[0] >= '0' && on[0] <= '9' {
		on = "(" + on + ")"
	}
	args := g.args(s)
	if args == "" {
		args = "()"
	}
	name := s.name
	if before, _, ok := strings.Cut(name, " of "); ok {
		name = before
	}
	return fmt.Sprintf("%s.%s%s", on, name, args)
}

func init() {
	expression := func(feature string, write func(*generator) string) {
		turns = append(turns, turn{feature, func(g *generator) string { g.use(feature); return g.print(write(g)) }})
	}
	for _, f := range filterShapes {
		expression("filter "+f.name, func(g *generator) string { return g.filtered(f, 2+g.IntN(2)) })
	}
	for _, t := range testShapes {
		expression("test "+t.name, func(g *generator) string { return g.tested(t, 2+g.IntN(2)) })
	}
	for _, m := range methodShapes {
		expression("method "+m.name, func(g *generator) string { return g.method(m, 2+g.IntN(2)) })
	}
	for name, write := range sorted2(operations) {
		expression(name, func(g *generator) string { return write(g, 2+g.IntN(2)) })
	}
	for name, write := range sorted2(statements) {
		turns = append(turns, turn{name, func(g *generator) string { g.use(name); return write(g, 2) }})
	}
}
