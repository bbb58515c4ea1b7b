package admit

import (
	"net/url"
	"slices"
	"strings"
)

// webhookClient wants one place of a webhook, which is asked over HTTPS.
func webhookClient(at *path, o object, f *faults) {
	f.exactlyOne(at, o, "url", "service")
	text := o.text("url")
	if !o.has("url") {
		return
	}
	switch u, err := url.Parse(text); {
	case err != nil:
		f.add(at.field("url"), Format, "is %s, which is no URL", short(text))
	case u.Scheme != "https" || u.Host == "":
		f.add(at.field("url"), Format, "is %s, and has to be as in https://HOST/PATH", short(text))
	case u.User != nil || u.Fragment != "" || u.RawQuery != "":
		f.add(at.field("url"), Format, "is %s, and may have no user, query or fragment", short(text))
	}
}

func webhookPath(at *path, o object, f *faults) {
	p := o.text("path")
	if p == "" {
		return
	}
	if !strings.HasPrefix(p, "/") {
		f.add(at.field("path"), Format, "is %s, and has to begin with /", short(p))
		return
	}
	if p == "/" {
		return
	}
	for part := range strings.SplitSeq(strings.TrimSuffix(p[1:], "/"), "/") {
		if part == "" || subdomain.says(part) != "" {
			f.add(at.field("path"), Format, "is %s: each part has to be lower-case letters, digits, dashes and dots", short(p))
			return
		}
	}
}

// reviewVersions wants a version of AdmissionReview that servers send.
func reviewVersions(at *path, o object, f *faults) {
	if all := o.list("admissionReviewVersions"); len(all) > 0 && !anyOf(all, "v1", "v1beta1") {
		f.add(at.field("admissionReviewVersions"), Meaning, "has neither v1 nor v1beta1, and servers send no other")
	}
	if name := o.text("name"); name != "" && strings.Count(name, ".") < 2 {
		f.add(at.field("name"), Format, "is %s, and needs three parts with dots between, as in check.pods.example.com", short(name))
	}
}

// wildcards refuses * beside other words, and empty words.
func wildcards(at *path, o object, f *faults) {
	for _, list := range []string{"apiGroups", "apiVersions", "operations"} {
		all := o.list(list)
		if len(all) > 1 && anyOf(all, "*") {
			f.add(at.field(list), Meaning, "has * and others, and * is all")
		}
		if list != "apiGroups" {
			refuseEmpty(at.field(list), all, f)
		}
	}
	ruleResources(at.field("resources"), o.texts("resources"), f)
	refuseEmpty(at.field("resources"), o.list("resources"), f)
}

// ruleResources refuses what another resource of a rule has: as servers do, of parts one
// that comes after what has it, and * where the last without a part is another.
func ruleResources(at *path, all []string, f *faults) {
	if slices.Contains(all, "*/*") && len(all) > 1 {
		f.add(at, Meaning, "has */* and others, and */* is all")
	}
	last := -1
	for i, s := range all {
		of, part, ok := strings.Cut(s, "/")
		if !ok && s != "" {
			last = i
		}
		for _, whole := range []string{of + "/*", "*/" + part} {
			if ok && slices.Contains(all[:i], whole) {
				f.add(at.item(i), Meaning, "is %s beside %s, which has it", short(s), whole)
				break
			}
		}
	}
	if last >= 0 && all[last] != "*" && slices.Contains(all, "*") {
		f.add(at.item(last), Meaning, "is %s beside *, which has it", short(all[last]))
	}
}

func refuseEmpty(at *path, list []any, f *faults) {
	for i, v := range list {
		if v == "" || v == nil {
			f.add(at.item(i), Required, "is empty")
		}
	}
}
