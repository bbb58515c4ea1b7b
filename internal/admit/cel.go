package admit

import (
	"fmt"
	"regexp"
	"strings"
)

// celChecks are the rules of expressions in CEL. They are not compiled: that needs
// types, and a library of several megabytes. What no grammar takes is refused.
var celChecks = map[string][]check{
	"admissionregistration.v1.MatchCondition":     {expressions(admitted, "expression")},
	"admissionregistration.v1.Validation":         {expressions(admitted, "expression", "messageExpression")},
	"admissionregistration.v1.Variable":           {expressions(admitted, "expression")},
	"admissionregistration.v1.AuditAnnotation":    {expressions(admitted, "valueExpression")},
	"admissionregistration.v1.ApplyConfiguration": {expressions(admitted, "expression")},
	"admissionregistration.v1.JSONPatch":          {expressions(admitted, "expression")},
	"resource.v1.CELDeviceSelector":               {expressions(" device ", "expression")},
	"apiextensions.v1.ValidationRule":             {expressions(" self oldSelf ", "rule", "messageExpression")},
}

// admitted are the variables that expressions of admission know.
const admitted = " object oldObject request params namespaceObject variables authorizer "

// celNames are what any expression knows: words, types, and what functions belong to.
const celNames = " true false null in int uint double bool string bytes list map type null_type dyn duration timestamp " +
	"math strings sets cel optional base64 format ip cidr url quantity semver regex lists google "

func expressions(variables string, fields ...string) check {
	return func(at *path, o object, f *faults) {
		for _, field := range fields {
			if s := o.text(field); s != "" {
				text := expression(s)
				if text == "" {
					text = undeclared(s, variables)
				}
				if text != "" {
					f.add(at.field(field), Format, "%s", text)
				}
			}
		}
	}
}

// celToken are the tokens of CEL: blanks and comments, texts, numbers, names, operators.
var celToken = regexp.MustCompile(`^(?:(\s+|//[^\n]*)` +
	`|((?:[rR][bB]?|[bB][rR])(?:"[^"\n]*"|'[^'\n]*')|(?:[rR][bB]?|[bB][rR]?)?(?:"""(?s:.*?)"""|'''(?s:.*?)'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))` +
	`|((?:0x[0-9a-fA-F]+|[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)[uU]?)` +
	"|([_a-zA-Z][_a-zA-Z0-9]*|`[^`\n]+`)" +
	`|(&&|\|\||[=!<>]=|[-+*/%<>!?:.,()\[\]{}]))`)

// expression says what no grammar of CEL takes: a text without an end, brackets that do
// not match, an operator without something to work on, two values side by side.
func expression(s string) string {
	var open []byte
	value := false // before this there is a value, and not an operator
	last := ""
	for at := 0; at < len(s); {
		m := celToken.FindStringSubmatch(s[at:])
		if m == nil {
			return fmt.Sprintf("is %s, which is no CEL at %s", short(s), short(s[at:]))
		}
		word := m[0]
		at += len(word)
		if m[1] != "" {
			continue
		}
		wrong := fmt.Sprintf("is %s, which is no CEL before %s", short(s), short(s[at-len(word):]))
		switch {
		case m[2] != "" || m[3] != "" || m[4] != "" && word != "in":
			if value {
				return wrong
			}
			value = true
		case strings.Contains("([{", word):
			if word == "{" && value && last != "]" && last != ")" || word == "[" || word == "(" || !value {
				open, value = append(open, word[0]), false
				break
			}
			return wrong
		case strings.Contains(")]}", word):
			pair := map[string]byte{")": '(', "]": '[', "}": '{'}[word]
			empty := last == string(pair) || last == ","
			if len(open) == 0 || open[len(open)-1] != pair || !value && !empty {
				return wrong
			}
			open, value = open[:len(open)-1], true
		case word == "!" || word == "-" && !value:
			if value {
				return wrong
			}
		case word == "." && !value, word == "?" && (last == "[" || last == "." || last == "{" || last == ","):
			// a name from the top; an optional field or item
		default:
			if !value {
				return wrong
			}
			value = false
		}
		last = word
	}
	switch {
	case len(open) > 0:
		return fmt.Sprintf("is %s, where a %c is not closed", short(s), open[len(open)-1])
	case !value:
		return fmt.Sprintf("is %s, which is not complete", short(s))
	}
	return ""
}

// undeclared says which name stands for nothing: no variable of the place, none that a
// macro such as all(x, …) makes, no function, no field.
func undeclared(s, variables string) string {
	var words []string
	for at := 0; at < len(s); {
		m := celToken.FindStringSubmatch(s[at:])
		at += len(m[0])
		if m[1] == "" {
			words = append(words, m[0])
		}
	}
	word := func(i int) string {
		if i < 0 || i >= len(words) {
			return ""
		}
		return words[i]
	}
	made := map[string]bool{}
	for i, w := range words {
		if word(i-1) == "(" && word(i+1) == "," || made[word(i-2)] && word(i-1) == "," && word(i+1) == "," {
			made[w] = true
		}
	}
	for i, w := range words {
		if !identifierForm.MatchString(w) || made[w] || strings.Contains(variables+celNames, " "+w+" ") || w[0] >= 'A' && w[0] <= 'Z' {
			continue
		}
		prev, next := word(i-1), word(i+1)
		field := prev == "." || prev == "?" && word(i-2) == "." || next == ":" && (prev == "{" || prev == ",")
		if field || next == "(" || next == "{" {
			continue
		}
		return fmt.Sprintf("is %s, where %s stands for nothing: there is%s", short(s), short(w), strings.TrimSuffix(variables, " "))
	}
	return ""
}
