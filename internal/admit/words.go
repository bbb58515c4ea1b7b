package admit

import (
	"fmt"
	"strings"
)

// plainWords are the words of rules.txt that take no argument.
var plainWords = map[string]rule{
	"label":        label,
	"subdomain":    subdomain,
	"label1035":    labelOf,
	"service":      labelOf,
	"labelvalue":   form(`(`+qualifiedForm+`)?`, 63, "letters, digits, dashes, dots and underscores, with a letter or digit at both ends"),
	"qualified":    of(Format, qualified),
	"annotation":   of(Format, func(s string) string { return qualified(strings.ToLower(s)) }),
	"configkey":    of(Format, configKey),
	"envname":      form(`[ -<>-~]+`, 1<<20, "printable ASCII without ="),
	"portname":     of(Format, portName),
	"port":         number(1, 65535),
	"port0":        number(0, 65535),
	"portref":      {Format, portRef},
	"count":        {Format, count},
	"ip":           of(Format, ip),
	"ipornone":     of(Format, func(s string) string { return map[bool]string{false: ip(s)}[s == "None"] }),
	"strictip":     of(Format, strictIP),
	"cidr":         of(Format, cidr),
	"strictcidr":   of(Format, strictCIDR),
	"paddedcidr":   of(Format, padded(cidr)),
	"strictpadded": of(Format, padded(strictCIDR)),
	"oldtraffic":   of(Words, nearTraffic),
	"relative":     of(Format, relative),
	"reserved":     of(Format, reserved),
	"nodots":       of(Format, noDots),
	"abs":          form(`/.*`, 4096, "a path that begins with /"),
	"nonneg":       {Range, func(v any) string { return atLeast(v, true) }},
	"positive":     {Range, func(v any) string { return atLeast(v, false) }},
	"header":       form("[-A-Za-z0-9!#$%&'*+.^_`|~]+", 1<<20, "the name of a header of HTTP"),
	"host":         form(`(\*\.)?`+subdomainForm, 253, "a host name, with *. before it for all below"),
	"sysctl":       form(`[a-z0-9]([-_a-z0-9]*[a-z0-9])?([./][a-z0-9]([-_a-z0-9]*[a-z0-9])?)*`, 253, "the name of a sysctl"),
	"controller":   form(subdomainForm+`/[a-z0-9A-Z._~%!$&'()*+,;=:@/-]+`, 250, "a domain, a slash and a path, as in example.com/controller"),
	"cron":         of(Format, cron),
	"timezone":     of(Format, timezone),
	"segment":      segment,
	"part": of(Format, func(s string) string {
		if strings.Contains(s, "/") {
			return fmt.Sprintf("is %s, and must not have a / in it", short(s))
		}
		return qualified(s)
	}),
	"dotted": of(Format, func(s string) string {
		return unless(strings.Contains(s, "."), s, "a domain with a dot in it, as in example.com")
	}),
	"groupversion":   of(Format, groupVersion),
	"lowerlabel1035": of(Format, kindName),
	"endpointip":     of(Format, endpointIP),
	"network":        of(Format, network),
	"csidriver":      of(Format, csiDriver),
	"attribute":      of(Format, attribute),
	"resourcename":   of(Format, resourceName),
	"iqn":            form(`iqn\.\d{4}-\d{2}\.([[:alnum:]-.]+)(:[^,;*&$|\s]+)?|eui\.[[:alnum:]]{16}|naa\.[[:alnum:]]{32}`, 1<<20, "a name of iSCSI that begins with iqn., eui. or naa."),
	"identifier":     form(`[_a-zA-Z][_a-zA-Z0-9]*`, 1<<20, "an identifier: letters, digits and underscores, and no digit first"),
	"verbs":          {Words, verbs},
	"staralone":      {Meaning, starAlone},
	"notempty":       {Required, notEmpty},
	"portref0":       {Format, func(v any) string { return map[bool]string{false: portRef(v)}[v == "" || v == int64(0)] }},
	"jsonpath":       form(`\..*`, 1<<20, "a path that begins with a dot"),
	"once":           {Duplicate, once},
	"fieldpath":      of(Words, fieldPath),
	"fieldresource":  of(Words, fieldResource),
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

// wordMinors are the servers that have the rules of words, where not all do.
var wordMinors = map[string]minors{
	"strictip": since(strictAddresses), "strictcidr": since(strictAddresses), "strictpadded": since(strictAddresses), "oldtraffic": before(nearTrafficSince),
}
