package admit

import (
	"regexp"
	"strings"
	"sync"
)

// windowsChecks are the rules of pods that run on Windows.
var windowsChecks = map[string][]check{
	"core.v1.PodSpec":                       {hostProcesses},
	"core.v1.WindowsSecurityContextOptions": {windowsUser},
}

// hostProcesses holds containers that are processes of the host to each other and to the
// network of the host.
func hostProcesses(at *path, o object, f *faults) {
	pod, podSet := o.mapping("securityContext", "windowsOptions")["hostProcess"].(bool)
	all, ours := 0, 0
	eachContainer(at, o, func(here *path, _ string, c object) {
		own, set := c.mapping("securityContext", "windowsOptions")["hostProcess"].(bool)
		if set && podSet && own != pod {
			f.add(here.field("securityContext").field("windowsOptions").field("hostProcess"), Meaning, "is %t, and that of the pod is %t", own, pod)
		}
		all++
		if set && own || !set && pod {
			ours++
		}
	})
	if ours == 0 {
		return
	}
	if ours < all {
		f.add(at, Meaning, "has %d containers with windowsOptions.hostProcess among %d, and has to have all or none", ours, all)
	}
	if !o.is("hostNetwork") {
		f.add(at.field("hostNetwork"), Meaning, "is not true, and windowsOptions.hostProcess is")
	}
}

// windowsForms are of the names of users on Windows, DOMAIN\USER.
var windowsForms = sync.OnceValue(func() (forms struct{ domain, user, dots *regexp.Regexp }) {
	const label = `[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?`
	forms.domain = regexp.MustCompile(`^[^\\/:\*\?"<>|\.][^\\/:\*\?"<>|]{0,14}$|^` + label + `(\.` + label + `)*$`)
	forms.user = regexp.MustCompile(`^[^"/\\:;|=,\+\*\?<>@\[\]]{1,104}$`)
	forms.dots = regexp.MustCompile(`^[. ]+$|[[:cntrl:]]`)
	return forms
})

func windowsUser(at *path, o object, f *faults) {
	const maxSpec = 64 << 10
	if n := len(o.text("gmsaCredentialSpec")); n > maxSpec {
		f.add(at.field("gmsaCredentialSpec"), Range, "has %d bytes, and at most %d are allowed", n, maxSpec)
	}
	name := o.text("runAsUserName")
	if name == "" {
		return // it is not there, or said to be empty
	}
	forms, user := windowsForms(), name
	domain, rest, ok := strings.Cut(name, `\`)
	if ok {
		user = rest
	}
	if ok && (len(domain) > 255 || !forms.domain.MatchString(domain)) || !forms.user.MatchString(user) || forms.dots.MatchString(user) || strings.ContainsFunc(domain, control) {
		f.add(at.field("runAsUserName"), Format, `is %s, and has to be USER or DOMAIN\USER, without any of "/\:;|=,+*?<>@[] in USER`, short(name))
	}
}

func control(r rune) bool { return r < ' ' || r == 0x7f }
