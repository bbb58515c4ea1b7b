package admit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/lazyregexp"
)

// celChecks are the rules of expressions in CEL. They are not compiled, which needs a library
// of several megabytes. What no grammar takes is refused, and in the rules of definitions, whose
// schemas say the types, what surely does not go together.
var celChecks = map[string][]check{
	"admissionregistration.v1.MatchCondition":     {expressions(admitted, "expression"), answers("expression")},
	"admissionregistration.v1.Validation":         {expressions(admitted, "expression", "messageExpression"), answers("expression"), message},
	"admissionregistration.v1.Variable":           {expressions(admitted, "expression")},
	"admissionregistration.v1.AuditAnnotation":    {expressions(admitted, "valueExpression"), audited},
	"admissionregistration.v1.ApplyConfiguration": {expressions(admitted, "expression"), patches("{}")},
	"admissionregistration.v1.JSONPatch":          {expressions(admitted, "expression"), patches("[]")},
	"resource.v1.CELDeviceSelector":               {expressions(" device ", "expression"), answers("expression"), deviceNames},
}

// admitted are the variables that expressions of admission know.
const admitted = " object oldObject request params namespaceObject variables authorizer "

// selfExpressions are the rules of definitions; those within items and values are of no type
// that is walked.
var selfExpressions = expressions(" self oldSelf ", "rule", "messageExpression")

// celNames are what any expression knows: words, types, and what functions belong to.
const celNames = " true false null in int uint double bool string bytes list map type null_type dyn duration timestamp " +
	"math strings sets cel optional base64 format ip cidr url quantity semver regex lists google jsonpatch "

// answers refuses an expression that is to say yes or no, and is a text or a number.
func answers(field string) check {
	return func(at *path, o object, f *faults) {
		s := o.text(field)
		switch {
		case literal(s):
			f.add(at.field(field), Type, "is %s, and has to be true or false", short(s))
		case celWordsOf(s).noTruth():
			f.add(at.field(field), Type, "is %s, and has to be true or false", short(s))
		case celWordsOf(s).onlyField("object", "oldObject", "params"):
			f.add(at.field(field), Type, "is %s, which may be anything: write %s == true", short(s), s)
		}
	}
}

func expressions(variables string, fields ...string) check {
	return func(at *path, o object, f *faults) {
		for _, field := range fields {
			if s := o.text(field); s != "" {
				text := expression(s)
				if text == "" {
					text = cmp.Or(ungrammatical(s), undeclared(s, variables))
				}
				if text == "" && f.servers.First <= celKnown {
					text = unknownFunction(s)
				}
				if text != "" {
					f.add(at.field(field), Format, "%s", text)
				}
			}
		}
	}
}

// celToken are the tokens of CEL: blanks and comments, texts, numbers, names, operators.
var celToken = lazyregexp.New(`^(?:(\s+|//[^\n]*)` +
	`|((?:[rR][bB]?|[bB][rR]?)?(?:"""(?s:.*?)"""|'''(?s:.*?)''')|(?:[rR][bB]?|[bB][rR])(?:"[^"\n]*"|'[^'\n]*')|[bB]?(?:"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))` +
	`|((?:0x[0-9a-fA-F]+|[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)[uU]?)` +
	"|([_a-zA-Z][_a-zA-Z0-9]*|`[^`\n]+`)" +
	`|(&&|\|\||[=!<>]=|[-+*/%<>!?:.,()\[\]{}]))`)

// expression says what no grammar of CEL takes: a text without an end, brackets that do
// not match, an operator without something to work on, two values side by side.
func expression(s string) string {
	r := &celReader{}
	for at := 0; at < len(s); {
		m := celToken().FindStringSubmatch(s[at:])
		if m == nil {
			return fmt.Sprintf("is %s, which is no CEL at %s", short(s), short(s[at:]))
		}
		if m[1] == "" {
			if !r.takes(m[0], m[5] == "" && m[0] != "in") {
				return fmt.Sprintf("is %s, which is no CEL before %s", short(s), short(s[at:]))
			}
			r.last = m[0]
		}
		at += len(m[0])
	}
	switch {
	case len(r.open) > 0:
		return fmt.Sprintf("is %s, where a %c is not closed", short(s), r.open[len(r.open)-1])
	case !r.value:
		return fmt.Sprintf("is %s, which is not complete", short(s))
	}
	return ""
}

// literal tells whether an expression is nothing but a text or a number.
func literal(s string) bool {
	m := celToken().FindStringSubmatch(strings.TrimSpace(s))
	return m != nil && m[0] == strings.TrimSpace(s) && (m[2] != "" || m[3] != "")
}

// celReader reads an expression token by token.
type celReader struct {
	open  []byte // brackets
	value bool   // before this there is a value, and not an operator
	last  string // token
}

// takes tells whether a token may come here; operand is a text, a number or a name.
func (r *celReader) takes(word string, operand bool) bool {
	switch {
	case operand:
		fits := !r.value
		r.value = true
		return fits
	case strings.Contains("([{", word):
		fits := word != "{" || !r.value || r.last != "]" && r.last != ")"
		r.open, r.value = append(r.open, word[0]), false
		return fits
	case strings.Contains(")]}", word):
		return r.closes(word)
	}
	return r.operates(word)
}

func (r *celReader) closes(word string) bool {
	pair := map[string]byte{")": '(', "]": '[', "}": '{'}[word]
	empty := r.last == string(pair) || r.last == ","
	if len(r.open) == 0 || r.open[len(r.open)-1] != pair || !r.value && !empty {
		return false
	}
	r.open, r.value = r.open[:len(r.open)-1], true
	return true
}

func (r *celReader) operates(word string) bool {
	switch {
	case word == "!" || word == "-" && !r.value:
		return !r.value
	case word == "." && !r.value, word == "?" && slices.Contains([]string{"[", ".", "{", ","}, r.last), word == "," && (r.last == "[" || r.last == "{"):
		return true // a name from the top; an optional field or item; a list with nothing but its last comma
	}
	fits := r.value
	r.value = false
	return fits
}

// undeclared says which name stands for nothing: no variable of the place, none that a
// macro such as all(x, …) makes, no function, no field.
func undeclared(s, variables string) string {
	words := celWordsOf(s)
	made := words.made()
	for i, w := range words {
		named := w[0] >= 'A' && w[0] <= 'Z' && (words.nth(i+1) == "." || strings.Contains(variables, " object ")) // a type
		known := made[w] || named || strings.Contains(variables+celNames, " "+w+" ")
		if identifierForm().MatchString(w) && !known && words.variable(i) {
			return fmt.Sprintf("is %s, where %s stands for nothing: there is%s", short(s), short(w), strings.TrimSuffix(variables, " "))
		}
	}
	return ""
}

// ungrammatical says where an expression that reads well word by word does not as a whole.
func ungrammatical(s string) string {
	words := celWordsOf(s)
	_, left := words.tree()
	switch {
	case left < 0:
		return ""
	case words.nth(left) == "?":
		return fmt.Sprintf("is %s, and between ? and : is another ?: put that into brackets", short(s))
	}
	return fmt.Sprintf("is %s, which is no CEL before %s", short(s), short(strings.Join(words[min(left, len(words)):], " ")))
}

func unknownFunction(s string) string {
	if name := celWordsOf(s).unknownFunction(); name != "" {
		return fmt.Sprintf("is %s, and there is no function %s", short(s), name)
	}
	return ""
}

// celWords are the tokens of an expression without blanks.
type celWords []string

func (w celWords) nth(i int) string {
	if i < 0 || i >= len(w) {
		return ""
	}
	return w[i]
}

// made are the names that macros make.
func (w celWords) made() map[string]bool {
	made := map[string]bool{}
	for i, word := range w {
		if w.nth(i+1) == "," && (w.nth(i-1) == "(" || made[w.nth(i-2)] && w.nth(i-1) == ",") {
			made[word] = true
		}
	}
	return made
}

// variable tells whether a name is that of a variable, and not of a field, a function or
// a type.
func (w celWords) variable(i int) bool {
	prev, next := w.nth(i-1), w.nth(i+1)
	switch {
	case prev == "." && !w.fromTop(i-1), prev == "?" && w.nth(i-2) == ".", next == "(", next == "{":
		return false
	}
	return next != ":" || prev != "{" && prev != ","
}

// fromTop tells whether a dot is before a name alone, and not before a field.
func (w celWords) fromTop(i int) bool {
	before := w.nth(i - 1)
	return before == "" || before == "in" || celToken().FindStringSubmatch(before)[5] != "" && !strings.Contains(")]}", before)
}

// message holds the message of a rule to one line, and its expression to a text.
func message(at *path, o object, f *faults) {
	if strings.ContainsAny(strings.TrimSpace(o.text("message")), "\n\r") {
		f.add(at.field("message"), Format, "has more than one line")
	}
	for _, key := range []string{"message", "messageExpression"} {
		if s := o.text(key); s != "" && strings.TrimSpace(s) == "" {
			f.add(at.field(key), Required, "is blank: leave it out, or say something")
		}
	}
	if s := o.text("messageExpression"); noText(s) || celWordsOf(s).onlyField("object", "oldObject", "params") {
		f.add(at.field("messageExpression"), Type, "is %s, and has to be a text", short(s))
	}
}

// noText tells whether an expression is nothing but a number, or true or false.
func noText(s string) bool {
	s = strings.TrimSpace(s)
	m := celToken().FindStringSubmatch(s)
	return m != nil && m[0] == s && (m[3] != "" || s == "true" || s == "false" || s == "null")
}

// patches refuses an expression that is to be a patch, and is something else.
func patches(empty string) check {
	return func(at *path, o object, f *faults) {
		s := strings.TrimSpace(o.text("expression"))
		if literal(s) || noText(s) || s == empty || celWordsOf(s).onlyField("object", "oldObject", "params") {
			f.add(at.field("expression"), Type, "is %s, which is no patch", short(s))
		}
	}
}

// audited wants a text or null.
func audited(at *path, o object, f *faults) {
	s := o.text("valueExpression")
	if noText(s) && strings.TrimSpace(s) != "null" || celWordsOf(s).onlyField("object", "oldObject", "params") {
		f.add(at.field("valueExpression"), Type, "is %s, and has to be a text: write string(…)", short(s))
	}
}
