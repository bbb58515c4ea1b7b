package admit

import (
	"slices"
	"strings"
)

// celFunctions are what may stand before an opening bracket in CEL: functions, methods and
// macros of Kubernetes 1.36, k8s.io/apiserver/pkg/cel/environment.
const celFunctions = " add all allowed asApproximateFloat asInteger authorizer bind bool bytes byte charAt check cidr compareTo contains containsCIDR containsIP date datetime distinct " +
	"dns1035Label dns1035LabelPrefix dns1123Label dns1123LabelPrefix dns1123Subdomain dns1123SubdomainPrefix double duration dyn endsWith error errored escapeKey " +
	"exists existsOne exists_one family fieldSelector filter find findAll first flatten format getDate getDayOfMonth getDayOfWeek getDayOfYear getEscapedPath " +
	"getFullYear getHost getHostname getHours getMilliseconds getMinutes getMonth getPort getQuery getScheme getSeconds group has hasValue indexOf int intersects ip isCIDR " +
	"isCanonical isGlobalUnicast isGreaterThan isIP isInteger isLessThan isLinkLocalMulticast isLinkLocalUnicast isLoopback isQuantity isSemver isSorted isURL " +
	"isUnspecified join labelSelector labelValue last lastIndexOf list lowerAscii major map masked matches max min minor name named namespace none of ofNonZeroValue " +
	"optFlatMap optMap or orValue patch path prefixLength qualifiedName quantity quote range reason replace resource reverse semver serviceAccount sets equivalent " +
	"sign size slice sort sortBy split startsWith string sub subresource substring sum timestamp transformList transformMap transformMapEntry trim type uint unwrap " +
	"unwrapOpt uri upperAscii url uuid validate value includes driver "

// celKnown is the newest version of the server whose functions are known.
const celKnown = 36

// unknownFunction is a name before an opening bracket that no function has.
func (w celWords) unknownFunction() string {
	for i, word := range w {
		if w.nth(i+1) == "(" && identifierForm().MatchString(word) && word != "in" && !strings.Contains(celFunctions, " "+word+" ") {
			return word
		}
	}
	return ""
}

// celWordsOf are the tokens of an expression that reads well; nil of any other.
func celWordsOf(s string) celWords {
	if strings.TrimSpace(s) == "" || expression(s) != "" {
		return nil
	}
	var words celWords
	for at := 0; at < len(s); {
		m := celToken().FindStringSubmatch(s[at:])
		at += len(m[0])
		if m[1] == "" {
			words = append(words, m[0])
		}
	}
	return words
}

// uses is where a variable of a name is used, and -1 for nowhere.
func (w celWords) uses(name string) int {
	made := w.made()
	for i, word := range w {
		if word == name && !made[word] && w.variable(i) {
			return i
		}
	}
	return -1
}

// chain is a name with fields of it, as in a.b.c, from a token on; n is of how many tokens.
func (w celWords) chain(i int) (names []string, n int) {
	names, n = []string{w.nth(i)}, 1
	for w.nth(i+n) == "." && identifierForm().MatchString(w.nth(i+n+1)) && w.nth(i+n+2) != "(" {
		names = append(names, w.nth(i+n+1))
		n += 2
	}
	return names, n
}

// onlyField tells whether an expression is nothing but a variable or a field of it.
func (w celWords) onlyField(variables ...string) bool {
	if len(w) == 0 || !slices.Contains(variables, w[0]) {
		return false
	}
	_, n := w.chain(0)
	return n == len(w)
}

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

// deviceNames refuses fields of a device that there are not.
func deviceNames(at *path, o object, f *faults) {
	words := celWordsOf(o.text("expression"))
	i := words.uses("device")
	if i < 0 || f.servers.First > celKnown {
		return
	}
	fields := []string{"driver", "attributes", "capacity", "allowMultipleAllocations"}
	if words.onlyField("device") && len(words) <= 3 && words[len(words)-1] != "allowMultipleAllocations" {
		f.add(at.field("expression"), Type, "is %s, and has to be true or false", short(o.text("expression")))
	}
	if names, _ := words.chain(i); len(names) > 1 && !slices.Contains(fields, names[1]) {
		f.add(at.field("expression"), Meaning, "is %s, and a device has %s", short(o.text("expression")), listed(fields))
	}
}

// noTruths are functions that say neither yes nor no.
const noTruths = " size string int uint double bytes duration timestamp trim lowerAscii upperAscii replace substring split join map filter indexOf lastIndexOf charAt sum "

// noTruth tells whether an expression is surely something else than true or false: what is
// outside of its brackets compares nothing, and counts, or calls what counts.
func (w celWords) noTruth() bool {
	deep, counts, call := 0, false, ""
	for i, word := range w {
		switch {
		case strings.Contains("([{", word):
			deep++
		case strings.Contains(")]}", word):
			deep--
		case deep > 0:
		case slices.Contains([]string{"==", "!=", "<", "<=", ">", ">=", "&&", "||", "!", "?", "in"}, word):
			return false
		case strings.Contains("+-*/%", word):
			counts = true
		case w.nth(i+1) == "(":
			call = word
		}
	}
	if len(w) > 0 && w[len(w)-1] != ")" {
		call = ""
	}
	return counts || call != "" && strings.Contains(noTruths, " "+call+" ")
}
