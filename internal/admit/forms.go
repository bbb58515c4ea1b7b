package admit

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/kpm-sh/kpm/internal/lazyregexp"
)

// of makes a rule of what is wrong with a text; an empty text is as if it were left out.
func of(sort Sort, says func(s string) string) rule {
	return rule{sort, func(v any) string {
		if s, ok := v.(string); ok && s != "" {
			return says(s)
		}
		return ""
	}}
}

// form is a rule of texts that a pattern matches whole.
func form(pattern string, most int, want string) rule {
	re := lazyregexp.New(`^(?:` + pattern + `)$`)
	return of(Format, func(s string) string {
		switch {
		case len(s) > most:
			return fmt.Sprintf("is %s, of %d characters, and at most %d are allowed", short(s), len(s), most)
		case !re().MatchString(s):
			return fmt.Sprintf("is %s, and has to be %s", short(s), want)
		}
		return ""
	})
}

const (
	labelForm     = `[a-z0-9]([-a-z0-9]*[a-z0-9])?`
	subdomainForm = labelForm + `(\.` + labelForm + `)*`
	qualifiedForm = `[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?`
)

var (
	label     = form(labelForm, 63, "lower-case letters, digits and dashes, with a letter or digit at both ends")
	subdomain = form(subdomainForm, 253, "lower-case letters, digits, dashes and dots, with a letter or digit at both ends")
	labelOf   = form(`[a-z]([-a-z0-9]*[a-z0-9])?`, 63, "lower-case letters, digits and dashes, with a letter first")
)

func atoi(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		panic("admit: rules.txt: " + err.Error())
	}
	return n
}

// number is a rule of whole numbers.
func number(least, most int64) rule {
	return rule{Range, func(v any) string {
		n, ok := v.(int64)
		switch {
		case !ok || least <= n && n <= most:
			return ""
		case most == 1<<63-1:
			return fmt.Sprintf("is %d, and has to be at least %d", n, least)
		case least == -1<<63:
			return fmt.Sprintf("is %d, and at most %d is allowed", n, most)
		}
		return fmt.Sprintf("is %d, and has to be between %d and %d", n, least, most)
	}}
}

var qualifiedName = lazyregexp.New(`^` + qualifiedForm + `$`)

// qualified is the form of the keys of labels: NAME or DOMAIN/NAME.
func qualified(s string) string {
	domain, name, ok := strings.Cut(s, "/")
	if !ok {
		domain, name = "", s
	}
	switch {
	case strings.Contains(name, "/"):
		return fmt.Sprintf("is %s, and may have one slash", short(s))
	case ok && subdomain.says(domain) != "" || ok && domain == "":
		return fmt.Sprintf("is %s, and has to have a domain in lower case before the slash", short(s))
	case len(name) > 63:
		return fmt.Sprintf("is %s, and its name has %d characters: at most 63 are allowed", short(s), len(name))
	case !qualifiedName().MatchString(name):
		return fmt.Sprintf("is %s, and its name has to be letters, digits, dashes, dots and underscores, with a letter or digit at both ends", short(s))
	}
	return ""
}

var configKeyForm = lazyregexp.New(`^[-._a-zA-Z0-9]+$`)

func configKey(s string) string {
	if strings.HasPrefix(s, "..") || s == "." {
		return fmt.Sprintf("is %s: a key is not . and does not begin with ..", short(s))
	}
	if !configKeyForm().MatchString(s) || len(s) > 253 {
		return fmt.Sprintf("is %s: a key is of letters, digits, dashes, dots and underscores, at most 253", short(s))
	}
	return ""
}

var portNameForm = lazyregexp.New(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)

func portName(s string) string {
	if len(s) > 15 {
		return fmt.Sprintf("is %s, of %d characters: the name of a port has at most 15", short(s), len(s))
	}
	if !portNameForm().MatchString(s) || strings.Contains(s, "--") || strings.Trim(s, "-0123456789") == "" {
		return fmt.Sprintf("is %s: the name of a port is of lower-case letters, digits and single dashes, with a letter among them", short(s))
	}
	return ""
}

// portRef is the number of a port or the name of one.
func portRef(v any) string {
	switch v := v.(type) {
	case string:
		if v == "" {
			return "is empty, and has to be the number or the name of a port"
		}
		if strings.Trim(v, "0123456789") == "" {
			return fmt.Sprintf("is the text %q: leave the quotes out for the number of a port", v)
		}
		return portName(v)
	case int64:
		return number(1, 65535).says(v)
	}
	return ""
}

var percent = lazyregexp.New(`^[0-9]+%$`)

// count is a number of pods, or a share of them.
func count(v any) string {
	switch v := v.(type) {
	case int64:
		return number(0, 1<<31-1).says(v)
	case string:
		if !percent().MatchString(v) {
			return fmt.Sprintf("is %s, and has to be a whole number or a share such as 25%%", short(v))
		}
	}
	return ""
}

func relative(s string) string {
	if strings.HasPrefix(s, "/") {
		return fmt.Sprintf("is %s, and has to be a path without / before it", short(s))
	}
	return noDots(s)
}

// reserved is a path of a file in a volume.
func reserved(s string) string {
	if text := relative(s); text != "" {
		return text
	}
	if strings.HasPrefix(s, "..") {
		return "is " + short(s) + ", and must not begin with .."
	}
	return ""
}

func noDots(s string) string {
	for part := range strings.SplitSeq(s, "/") {
		if part == ".." {
			return fmt.Sprintf("is %s, and must not have .. in it", short(s))
		}
	}
	return ""
}

func spaceless(s string) string {
	if strings.TrimSpace(s) != s {
		return fmt.Sprintf("is %s, and must not begin or end with a blank", short(s))
	}
	return ""
}

func atLeast(v any, zero bool) string {
	q, ok := amount(v)
	switch {
	case !ok:
		return ""
	case q.Sign() < 0:
		return fmt.Sprintf("is %v, and must not be negative", v)
	case q.Sign() == 0 && !zero:
		return fmt.Sprintf("is %v, and has to be more", v)
	}
	return ""
}

func notEmpty(v any) string {
	if v == "" {
		return "is empty: leave it out"
	}
	return ""
}

// once refuses an item of a list that is there twice.
func once(v any) string {
	items, _ := v.([]any)
	seen := map[any]bool{}
	for _, item := range items {
		s, ok := item.(string)
		if ok && seen[s] {
			return fmt.Sprintf("has %s twice", short(s))
		}
		seen[s] = true
	}
	return ""
}

// segment is what any name has to be at least: a part of a path.
var segment = of(Format, func(s string) string {
	if s == "." || s == ".." || strings.ContainsAny(s, "/%") {
		return "is " + short(s) + ", and must not be . or .. or have / or % in it"
	}
	return ""
})

// csiDriver is the name of a driver of storage or devices.
func csiDriver(s string) string {
	if len(s) > 63 {
		return fmt.Sprintf("is %s, of %d characters, and at most 63 are allowed", short(s), len(s))
	}
	return subdomain.says(strings.ToLower(s))
}

// attribute is the name of an attribute of devices, DOMAIN/NAME.
func attribute(s string) string {
	domain, name, ok := strings.Cut(s, "/")
	if !ok || subdomain.says(domain) != "" || domain == "" || len(name) > 32 || !identifierForm().MatchString(name) {
		return fmt.Sprintf("is %s, and has to be as in example.org/name", short(s))
	}
	return ""
}

// resourceName is the name of a resource with a domain that containers may ask for.
func resourceName(s string) string {
	if domain, _, ok := strings.Cut(s, "/"); !ok || strings.HasPrefix(domain, "requests.") || strings.HasSuffix(domain, "kubernetes.io") {
		return fmt.Sprintf("is %s, and has to be a name with a domain of its own, as in example.org/gpu", short(s))
	}
	return qualified(s)
}

// apiVerbs are what requests to the server are.
const apiVerbs = " * create update patch delete deletecollection get list watch proxy "

func verbs(v any) string {
	items, _ := v.([]any)
	for _, item := range items {
		if s, ok := item.(string); ok && !strings.Contains(apiVerbs, " "+s+" ") {
			return fmt.Sprintf("has %s, which is no verb: write%s", short(s), strings.TrimSuffix(strings.TrimPrefix(apiVerbs, " *"), " "))
		}
	}
	return ""
}

func starAlone(v any) string {
	items, _ := v.([]any)
	if len(items) > 1 && anyOf(items, "*") {
		return "has * and others, and * is all"
	}
	return ""
}

var identifierForm = lazyregexp.New(`^[A-Za-z_][A-Za-z0-9_]*$`)

var keyed = lazyregexp.New(`^metadata\.(labels|annotations)\['(.*)'\]$`)

// What of a pod its containers can be given in variables, and its volumes in files; in
// both single labels and annotations, too.
const (
	inVariables = " metadata.name metadata.namespace metadata.uid spec.nodeName spec.serviceAccountName status.hostIP status.hostIPs status.podIP status.podIPs "
	inFiles     = " metadata.name metadata.namespace metadata.uid metadata.labels metadata.annotations "
)

// fieldPath is a field of a pod that its containers and volumes can be given.
func fieldPath(s string) string {
	if m := keyed().FindStringSubmatch(s); m != nil {
		key := m[2]
		if m[1] == "annotations" {
			key = strings.ToLower(key)
		}
		if qualified(key) != "" {
			return fmt.Sprintf("is %s, and no %s can have that key", short(s), strings.TrimSuffix(m[1], "s"))
		}
		return ""
	}
	if strings.Contains(inVariables, " "+s+" ") || strings.Contains(inFiles, " "+s+" ") {
		return ""
	}
	return fmt.Sprintf("is %s, and may be metadata.name, metadata.namespace, metadata.uid, metadata.labels['KEY'], metadata.annotations['KEY'], spec.nodeName, spec.serviceAccountName, status.hostIP, status.hostIPs, status.podIP, status.podIPs", short(s))
}

// groupVersion is VERSION or GROUP/VERSION.
func groupVersion(s string) string {
	group, version, ok := strings.Cut(s, "/")
	if !ok {
		group, version = "", s
	}
	if version == "" || strings.Contains(version, "/") || labelOf.says(version) != "" || subdomain.says(group) != "" {
		return fmt.Sprintf("is %s, and has to be VERSION or GROUP/VERSION", short(s))
	}
	return ""
}

// kindName is the name of a kind, of which servers make others in lower case.
func kindName(s string) string {
	if labelOf.says(strings.ToLower(s)) != "" {
		return fmt.Sprintf("is %s, and has to be letters, digits and dashes, with a letter first", short(s))
	}
	return ""
}

func unless(ok bool, s, want string) string {
	if ok {
		return ""
	}
	return fmt.Sprintf("is %s, and has to be %s", short(s), want)
}

func nearTraffic(s string) string {
	if s == "PreferSameZone" || s == "PreferSameNode" {
		return fmt.Sprintf("is %s, and has to be PreferClose", short(s))
	}
	return ""
}
