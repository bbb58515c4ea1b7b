package hook

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// permitted are the places that a hook may use. A strict run ends the hook where it
// reaches for others that somebody must have meant: what only Python or a library looks
// for is none of it.
type permitted struct {
	kube string   // its copy, which is its home, too
	read []string // may be read
}

// private are folders in which hosts keep what is theirs or their users'.
var private = []string{"/home", "/root", "/etc/kubernetes", "/etc/shadow", "/etc/ssl/private", "/etc/ssh", "/run/secrets", "/var/run/secrets", "/var/lib/kubelet", "/run/docker.sock", "/var/run/docker.sock"}

// credentials are names in a home below which programs keep what opens other doors.
var credentials = []string{".ssh", ".aws", ".azure", ".config", ".kube", ".docker", ".gnupg", ".netrc", ".git-credentials", ".npmrc", ".pypirc", ".bash_history", ".kpm", ".mozilla"}

// temporary are folders where Python looks for a place for temporary files; without
// them it takes the working folder.
var temporary = []string{"/tmp", "/var/tmp", "/usr/tmp", "/dev", "/proc/self"}

// ofPython are names of files that Python looks for beside itself.
func ofPython(name string) bool {
	return name == "pyvenv.cfg" || name == "pybuilddir.txt" || strings.HasSuffix(name, "._pth") || strings.HasPrefix(name, "python") && strings.HasSuffix(name, ".zip")
}

// use is what a hook does with a path.
type use int

const (
	reads use = iota
	writes
	looks // whether it is there, and what it is
)

// refuses says what a hook does with a file that it may not; "" for nothing.
func (p permitted) refuses(file string, what use) string {
	if file == "" {
		return ""
	}
	if !path.IsAbs(file) {
		file = path.Join(p.kube, file)
	}
	file = path.Clean(file)
	if inside, ok := beneath(file, p.kube); ok {
		first, _, _ := strings.Cut(inside, "/")
		if what != writes && slices.Contains(credentials, first) {
			return fmt.Sprintf("it %s ~/%s, and nothing of its user's is for it", what, inside)
		}
		return ""
	}
	within := func(dir string) bool { _, ok := beneath(file, dir); return ok }
	switch {
	case what == writes && !slices.ContainsFunc(temporary, within) && !strings.Contains(file, "/__pycache__"):
		return fmt.Sprintf("it writes %s, which is not in its copy of the Kube", file)
	case what == writes || !slices.ContainsFunc(private, within) || slices.ContainsFunc(p.read, within) || ofPython(path.Base(file)):
	case what == looks && slices.ContainsFunc(append([]string{p.kube}, p.read...), func(own string) bool { return beside(file, own) }):
		// on the way to what is its own, or in the folder of a part of Python
	default:
		return fmt.Sprintf("it %s %s, and nothing of its host's is for it", what, file)
	}
	return ""
}

// beside tells whether a file is a folder above own, or lies in own's folder, if that lies
// deep in a private one, as a Python that its user installed does.
func beside(file, own string) bool {
	if _, above := beneath(own, file); above {
		return true
	}
	dir := path.Dir(own)
	_, in := beneath(file, dir)
	return in && slices.ContainsFunc(private, func(p string) bool {
		rest, ok := beneath(dir, p)
		return ok && strings.Contains(rest, "/")
	})
}

func (u use) String() string {
	if u == looks {
		return "looks for"
	}
	return "reads"
}

// offered are sockets that the system's libraries connect to by themselves, for names of
// users and hosts.
var offered = []string{"/var/run/nscd/", "/run/nscd/", "/run/systemd/", "/var/run/systemd/", "/run/dbus/", "/var/run/dbus/", "/var/lib/sss/"}

// refusesSocket says of a local socket that a hook connects to that it may not.
func refusesSocket(name string) string {
	if slices.ContainsFunc(offered, func(at string) bool { return strings.HasPrefix(name, at) }) {
		return ""
	}
	return fmt.Sprintf("it connects to the socket %q, and no other program is for it", name)
}

// beneath is the rest of a path below a folder.
func beneath(file, dir string) (rest string, ok bool) {
	if file == dir {
		return ".", true
	}
	return strings.CutPrefix(file, dir+"/")
}
