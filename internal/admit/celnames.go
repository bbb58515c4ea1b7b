package admit

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// celPlace is where an expression stands, with what it may use there.
type celPlace struct {
	variables string              // with a blank around each
	types     map[string]*celType // of variables; nil where they are known by nothing here
	owned     string              // functions that belong to a name, beyond those of all places
	patches   bool                // there are Object and JSONPatch
}

// Places of expressions. Of the rules of definitions, whose variables have the types of
// schemas, those within items and values are of no type that is walked.
var (
	admitting = &celPlace{variables: admitted, types: admissionTypes}
	patching  = &celPlace{variables: admitted, types: admissionTypes, owned: " jsonpatch.escapeKey ", patches: true}
	onDevices = &celPlace{variables: " device ", types: map[string]*celType{"device": anyType}, owned: " cel.bind "}
	onSchemas = &celPlace{variables: " self oldSelf "}

	selfExpressions = expressions(onSchemas, "rule", "messageExpression")
)

// admitted are the variables that expressions of admission know.
const admitted = " object oldObject request params namespaceObject variables authorizer "

// celNames are what any expression knows: words, types, and what types belong to.
const celNames = " true false null in int uint double bool string bytes list map type null_type optional_type google net "

// celLater are names that expressions of servers may know that are newer than celKnown.
const celLater = " dyn duration timestamp math strings sets cel optional base64 format ip cidr url quantity semver regex lists jsonpatch "

// admissionTypes are the types of variables of admission (k8s.io/apiserver,
// pkg/admission/plugin/cel/compile.go).
var admissionTypes = func() map[string]*celType {
	text, texts := celOf("string"), &celType{kind: "list", of: celOf("string")}
	mapping := func(of *celType) *celType { return &celType{kind: "map", keys: "string", of: of} }
	kind := declared("request.kind", map[string]*celType{"group": text, "version": text, "kind": text})
	resource := declared("request.resource", map[string]*celType{"group": text, "version": text, "resource": text})
	user := declared("request.userInfo", map[string]*celType{"username": text, "uid": text, "groups": texts, "extra": mapping(texts)})
	condition := declared("namespaceObject.status.conditions[]", map[string]*celType{
		"status": text, "type": text, "lastTransitionTime": celOf("timestamp"), "message": text, "reason": text,
	})
	meta := declared("namespaceObject.metadata", map[string]*celType{
		"name": text, "generateName": text, "namespace": text, "labels": mapping(text), "annotations": mapping(text), "UID": text,
		"creationTimestamp": celOf("timestamp"), "deletionGracePeriodSeconds": celOf("int"), "deletionTimestamp": celOf("timestamp"),
		"generation": celOf("int"), "resourceVersion": text, "finalizers": texts,
	})
	return map[string]*celType{
		"object": anyType, "oldObject": anyType, "params": anyType, "variables": anyType,
		"authorizer": declared("authorizer", map[string]*celType{"requestResource": anyType}),
		"request": declared("request", map[string]*celType{
			"kind": kind, "resource": resource, "subResource": text, "requestKind": kind, "requestResource": resource, "requestSubResource": text,
			"name": text, "namespace": text, "operation": text, "userInfo": user, "dryRun": celOf("bool"), "options": anyType,
		}),
		"namespaceObject": declared("namespaceObject", map[string]*celType{
			"metadata": meta, "spec": declared("namespaceObject.spec", map[string]*celType{"finalizers": texts}),
			"status": declared("namespaceObject.status", map[string]*celType{"conditions": {kind: "list", of: condition}, "phase": text}),
		}),
	}
}()

// says is what is wrong with an expression; of known servers are known all names that they have.
func (p *celPlace) says(s string, known bool) (Sort, string) {
	text := cmp.Or(expression(s), ungrammatical(s))
	if text == "" {
		text = p.undeclared(s, known)
	}
	if text != "" || !known {
		return Format, text
	}
	words := celWordsOf(s)
	if i := slices.IndexFunc(words, func(w string) bool { return strings.HasPrefix(w, "`") }); i >= 0 {
		return Format, fmt.Sprintf("is %s, and servers do not read %s: write it as ['%s']", short(s), words[i], strings.Trim(words[i], "`"))
	}
	if name := p.unknownFunction(words); name != "" {
		return Format, fmt.Sprintf("is %s, and there is no function %s", short(s), name)
	}
	if c, _ := p.typed(s); c != nil && c.text != "" {
		return c.sort, fmt.Sprintf("is %s, and %s", short(s), c.text)
	}
	return "", ""
}

// typed reads the types of an expression, where those of variables are known.
func (p *celPlace) typed(s string) (*celChecker, *celType) {
	tree, _ := celWordsOf(s).tree()
	if tree == nil || p.types == nil {
		return nil, anyType
	}
	c := &celChecker{names: maps.Clone(p.types), patches: p.patches}
	return c, c.of(tree)
}

// undeclared says which name stands for nothing: no variable of the place, none that a
// macro such as all(x, …) makes, no function, no field.
func (p *celPlace) undeclared(s string, known bool) string {
	words := celWordsOf(s)
	made, names := words.made(), p.variables+celNames
	if !known {
		names += celLater
	}
	for i, w := range words {
		if !identifierForm().MatchString(w) || !words.variable(i) || made[w] || strings.Contains(names, " "+w+" ") {
			continue
		}
		patch := p.patches && (w == "Object" || w == "JSONPatch")
		owner := words.owns(i) && strings.Contains(celOwned+p.owned, " "+w+".")
		if !patch && !owner && (known || w[0] < 'A' || w[0] > 'Z') {
			return fmt.Sprintf("is %s, where %s stands for nothing: there is%s", short(s), short(w), strings.TrimSuffix(p.variables, " "))
		}
	}
	return ""
}

// escapes says what to write where a text has a backslash before what it does not go with.
func escapes(s string) string {
	if strings.ContainsAny(s[:1], `"'`) && strings.Contains(s, `\`) {
		return `: a backslash in a text is two, or the text begins with r`
	}
	return ""
}

// Functions, methods and macros of Kubernetes 1.36 (k8s.io/apiserver, pkg/cel/environment):
// those that stand alone, those that belong to a name, and those that belong to a value.
const celAlone = " bool bytes cidr double duration dyn has int ip isCIDR isIP isQuantity isSemver isURL matches quantity semver size string timestamp type uint url "

const celOwned = " format.byte format.date format.datetime format.dns1035Label format.dns1035LabelPrefix format.dns1123Label format.dns1123LabelPrefix " +
	"format.dns1123Subdomain format.dns1123SubdomainPrefix format.labelValue format.named format.qualifiedName format.uri format.uuid ip.isCanonical " +
	"lists.range optional.none optional.of optional.ofNonZeroValue optional.unwrap sets.contains sets.equivalent sets.intersects strings.quote "

const celBelonging = " add all allowed asApproximateFloat asInteger charAt check compareTo contains containsCIDR containsIP distinct endsWith error errored exists existsOne " +
	"exists_one family fieldSelector filter find findAll first flatten format getDate getDayOfMonth getDayOfWeek getDayOfYear getEscapedPath getFullYear " +
	"getHost getHostname getHours getMilliseconds getMinutes getMonth getPort getQuery getScheme getSeconds group hasValue includes indexOf ip " +
	"isGlobalUnicast isGreaterThan isInteger isLessThan isLinkLocalMulticast isLinkLocalUnicast isLoopback isSorted isUnspecified join labelSelector last " +
	"lastIndexOf lowerAscii major map masked matches max min minor name namespace optFlatMap optMap or orValue patch path prefixLength reason replace " +
	"resource reverse serviceAccount size slice sort sortBy split startsWith sub subresource substring sum transformList transformMap transformMapEntry " +
	"trim unwrapOpt upperAscii validate value "

// celKnown is the newest version of the server whose functions are known.
const celKnown = 36

// unknownFunction is a name before an opening bracket that no function has.
func (p *celPlace) unknownFunction(w celWords) string {
	made := w.made()
	for i, word := range w {
		if w.nth(i+1) != "(" || !identifierForm().MatchString(word) || word == "in" {
			continue
		}
		owner, known := w.nth(i-2), celAlone
		switch {
		case w.nth(i-1) != "." || w.fromTop(i-1):
		case w.owns(i-2) && !made[owner] && !strings.Contains(p.variables, " "+owner+" "):
			word, known = owner+"."+word, celOwned+p.owned
		default:
			known = celBelonging
		}
		if !strings.Contains(known, " "+word+" ") {
			return word
		}
	}
	return ""
}

// owns tells whether what is at a place is a name alone, with a function of it.
func (w celWords) owns(i int) bool {
	field := w.nth(i-1) == "." && !w.fromTop(i-1) || w.nth(i-1) == "?" && w.nth(i-2) == "."
	return identifierForm().MatchString(w.nth(i)) && !field && w.nth(i+1) == "." && w.nth(i+3) == "("
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
