package admit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/lazyregexp"
)

// celChecks are the rules of expressions in CEL. They are not compiled, which needs a library
// of several megabytes. What no grammar takes is refused, and what surely does not go together
// by the types of variables: those of admission, and of definitions, whose schemas say them.
var celChecks = map[string][]check{
	"admissionregistration.v1.MatchCondition":     {expressions(admitting, "expression"), answers(admitting, "expression")},
	"admissionregistration.v1.Validation":         {expressions(admitting, "expression", "messageExpression"), answers(admitting, "expression"), message},
	"admissionregistration.v1.Variable":           {expressions(admitting, "expression")},
	"admissionregistration.v1.AuditAnnotation":    {expressions(admitting, "valueExpression"), audited},
	"admissionregistration.v1.ApplyConfiguration": {expressions(patching, "expression"), patches("{}")},
	"admissionregistration.v1.JSONPatch":          {expressions(patching, "expression"), patches("[]")},
	"resource.v1.CELDeviceSelector":               {expressions(onDevices, "expression"), answers(onDevices, "expression"), deviceNames},
}

// answers refuses an expression that is to say yes or no, and is a text or a number.
func answers(place *celPlace, field string) check {
	return func(at *path, o object, f *faults) {
		s := o.text(field)
		_, t := place.typed(s)
		switch {
		case literal(s), f.servers.First <= celKnown && !t.isOneOf("bool"):
			f.add(at.field(field), Type, "is %s, and has to be true or false", short(s))
		case celWordsOf(s).noTruth():
			f.add(at.field(field), Type, "is %s, and has to be true or false", short(s))
		case celWordsOf(s).onlyField("object", "oldObject", "params"):
			f.add(at.field(field), Type, "is %s, which may be anything: write %s == true", short(s), s)
		}
	}
}

func expressions(place *celPlace, fields ...string) check {
	return func(at *path, o object, f *faults) {
		for _, field := range fields {
			if s := o.text(field); s != "" {
				if sort, text := place.says(s, f.servers.First <= celKnown); text != "" {
					f.add(at.field(field), sort, "%s", text)
				}
			}
		}
	}
}

// celEscape is what a backslash in a text begins.
const celEscape = `\\(?:[abfnrtv\\?"'` + "`" + `]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2})`

// celToken are the tokens of CEL: blanks and comments, texts, numbers, names, operators.
var celToken = lazyregexp.New(`^(?:(\s+|//[^\n]*)` +
	`|((?:[rR][bB]?|[bB][rR])(?:"""(?s:.*?)"""|'''(?s:.*?)'''|"[^"\n]*"|'[^'\n]*')` +
	`|[bB]?(?:"""(?:` + celEscape + `|[^\\])*?"""|'''(?:` + celEscape + `|[^\\])*?'''|"(?:` + celEscape + `|[^"\\\n])*"|'(?:` + celEscape + `|[^'\\\n])*'))` +
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
			return fmt.Sprintf("is %s, which is no CEL at %s%s", short(s), short(s[at:]), escapes(s[at:]))
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
		if w.nth(i-1) == "." && w.fromTop(i-1) && w.nth(i+1) == "," {
			made[word] = true // perhaps
		}
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
	s := o.text("messageExpression")
	if _, t := admitting.typed(s); noText(s) || f.servers.First <= celKnown && !t.isOneOf("string") || celWordsOf(s).onlyField("object", "oldObject", "params") {
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
		_, t := patching.typed(s)
		some := t.kind == "list" && empty == "[]" && t.of.kind == "" // of patches, or of what is not known
		if literal(s) || noText(s) || s == empty || f.servers.First <= celKnown && t.kind != "" && !some || celWordsOf(s).onlyField("object", "oldObject", "params") {
			f.add(at.field("expression"), Type, "is %s, which is no patch", short(s))
		}
	}
}

// audited wants a text or null.
func audited(at *path, o object, f *faults) {
	s := o.text("valueExpression")
	_, t := admitting.typed(s)
	if noText(s) && strings.TrimSpace(s) != "null" || f.servers.First <= celKnown && t.kind != "null" && !t.isOneOf("string") || celWordsOf(s).onlyField("object", "oldObject", "params") {
		f.add(at.field("valueExpression"), Type, "is %s, and has to be a text: write string(…)", short(s))
	}
}
