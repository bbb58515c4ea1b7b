package admit

import (
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
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
	re := regexp.MustCompile(`^(?:` + pattern + `)$`)
	return of(Format, func(s string) string {
		switch {
		case len(s) > most:
			return fmt.Sprintf("is %s, of %d characters, and at most %d are allowed", short(s), len(s), most)
		case !re.MatchString(s):
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

// plainWords are the words of rules.txt that take no argument.
var plainWords = map[string]rule{
	"label":         label,
	"subdomain":     subdomain,
	"label1035":     labelOf,
	"service":       labelOf,
	"labelvalue":    form(`(`+qualifiedForm+`)?`, 63, "letters, digits, dashes, dots and underscores, with a letter or digit at both ends"),
	"qualified":     of(Format, qualified),
	"annotation":    of(Format, func(s string) string { return qualified(strings.ToLower(s)) }),
	"configkey":     of(Format, configKey),
	"envname":       form(`[ -<>-~]+`, 1<<20, "printable ASCII without ="),
	"portname":      of(Format, portName),
	"port":          number(1, 65535),
	"port0":         number(0, 65535),
	"portref":       {Format, portRef},
	"count":         {Format, count},
	"ip":            of(Format, ip),
	"ipornone":      of(Format, func(s string) string { return map[bool]string{false: ip(s)}[s == "None"] }),
	"cidr":          of(Format, cidr),
	"relative":      of(Format, relative),
	"nodots":        of(Format, noDots),
	"abs":           form(`/.*`, 4096, "a path that begins with /"),
	"nonneg":        {Range, func(v any) string { return atLeast(v, true) }},
	"positive":      {Range, func(v any) string { return atLeast(v, false) }},
	"spaceless":     of(Format, spaceless),
	"header":        form("[-A-Za-z0-9!#$%&'*+.^_`|~]+", 1<<20, "the name of a header of HTTP"),
	"host":          form(`(\*\.)?`+subdomainForm, 253, "a host name, with *. before it for all below"),
	"sysctl":        form(`[a-z0-9]([-_a-z0-9]*[a-z0-9])?([./][a-z0-9]([-_a-z0-9]*[a-z0-9])?)*`, 253, "the name of a sysctl"),
	"controller":    form(subdomainForm+`/[a-z0-9A-Z._~%!$&'()*+,;=:@/-]+`, 250, "a domain, a slash and a path, as in example.com/controller"),
	"cron":          of(Format, cron),
	"timezone":      of(Format, timezone),
	"segment":       segment,
	"endpointip":    of(Format, endpointIP),
	"network":       of(Format, network),
	"csidriver":     of(Format, csiDriver),
	"attribute":     of(Format, attribute),
	"resourcename":  of(Format, resourceName),
	"iqn":           form(`iqn\.\d{4}-\d{2}\.([[:alnum:]-.]+)(:[^,;*&$|\s]+)?|eui\.[[:alnum:]]{16}|naa\.[[:alnum:]]{32}`, 1<<20, "a name of iSCSI that begins with iqn., eui. or naa."),
	"identifier":    form(`[_a-zA-Z][_a-zA-Z0-9]*`, 1<<20, "an identifier: letters, digits and underscores, and no digit first"),
	"verbs":         {Words, verbs},
	"staralone":     {Meaning, starAlone},
	"notempty":      {Required, notEmpty},
	"portref0":      {Format, func(v any) string { return map[bool]string{false: portRef(v)}[v == "" || v == int64(0)] }},
	"jsonpath":      form(`\..*`, 1<<20, "a path that begins with a dot"),
	"once":          {Duplicate, once},
	"fieldpath":     of(Words, fieldPath),
	"fieldresource": of(Words, fieldResource),
	"limittype": of(Format, func(s string) string {
		if s == "Pod" || s == "Container" || s == "PersistentVolumeClaim" {
			return ""
		}
		if !strings.Contains(s, "/") {
			return fmt.Sprintf("is %s, and may be Pod, Container or PersistentVolumeClaim", short(s))
		}
		return qualified(s)
	}),
}

// made are the words of rules.txt that take an argument.
var made = map[string]func(arg string) rule{
	"min": func(arg string) rule { return number(atoi(arg), 1<<63-1) },
	"max": func(arg string) rule { return number(-1<<63, atoi(arg)) },
	"oneof": func(arg string) rule {
		words := strings.Split(arg, ",")
		return of(Words, func(s string) string {
			var f faults
			for _, w := range words {
				if w == s {
					return ""
				}
			}
			f.oneOf(nil, s, words)
			return f.all[0].Message
		})
	},
	"eachmin": func(arg string) rule {
		least := number(atoi(arg), 1<<63-1)
		return rule{Range, func(v any) string {
			items, _ := v.([]any)
			for _, item := range items {
				if text := least.says(item); text != "" {
					return text
				}
			}
			return ""
		}}
	},
	"form": func(arg string) rule {
		most := int(atoi(arg))
		return of(Format, func(s string) string {
			if len(s) > most {
				return fmt.Sprintf("has %d characters, and at most %d are allowed", len(s), most)
			}
			return ""
		})
	},
	"max-entries": func(arg string) rule {
		return rule{Range, func(v any) string {
			if m, ok := v.(map[string]any); ok && int64(len(m)) > atoi(arg) {
				return fmt.Sprintf("has %d entries, and at most %s are allowed", len(m), arg)
			}
			return ""
		}}
	},
	"max-items": func(arg string) rule {
		return rule{Range, func(v any) string {
			if items, ok := v.([]any); ok && int64(len(items)) > atoi(arg) {
				return fmt.Sprintf("has %d items, and at most %s are allowed", len(items), arg)
			}
			return ""
		}}
	},
}

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

var qualifiedName = regexp.MustCompile(`^` + qualifiedForm + `$`)

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
	case !qualifiedName.MatchString(name):
		return fmt.Sprintf("is %s, and its name has to be letters, digits, dashes, dots and underscores, with a letter or digit at both ends", short(s))
	}
	return ""
}

var configKeyForm = regexp.MustCompile(`^[-._a-zA-Z0-9]+$`)

func configKey(s string) string {
	if !configKeyForm.MatchString(s) || len(s) > 253 || s == "." || strings.HasPrefix(s, "..") {
		return fmt.Sprintf("is %s: a key is of letters, digits, dashes, dots and underscores, at most 253", short(s))
	}
	return ""
}

var portNameForm = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)

func portName(s string) string {
	if len(s) > 15 {
		return fmt.Sprintf("is %s, of %d characters: the name of a port has at most 15", short(s), len(s))
	}
	if !portNameForm.MatchString(s) || strings.Contains(s, "--") || strings.Trim(s, "-0123456789") == "" {
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

var percent = regexp.MustCompile(`^[0-9]+%$`)

// count is a number of pods, or a share of them.
func count(v any) string {
	switch v := v.(type) {
	case int64:
		return number(0, 1<<31-1).says(v)
	case string:
		if !percent.MatchString(v) {
			return fmt.Sprintf("is %s, and has to be a whole number or a share such as 25%%", short(v))
		}
	}
	return ""
}

func ip(s string) string {
	if a, err := netip.ParseAddr(s); err != nil || a.Zone() != "" {
		return fmt.Sprintf("is %s, which is no IP address", short(s))
	}
	return ""
}

func cidr(s string) string {
	if _, err := netip.ParsePrefix(strings.TrimSpace(s)); err != nil {
		return fmt.Sprintf("is %s, which is no range of IP addresses such as 10.0.0.0/8", short(s))
	}
	return ""
}

func relative(s string) string {
	if strings.HasPrefix(s, "/") {
		return fmt.Sprintf("is %s, and has to be a path without / before it", short(s))
	}
	return noDots(s)
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
