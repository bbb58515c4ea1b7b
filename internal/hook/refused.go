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

// refuses says what a hook does by opening a file, or by writing it, that it may not;
// "" for nothing.
func (p permitted) refuses(file string, writes bool) string {
	if file == "" {
		return ""
	}
	if !path.IsAbs(file) {
		file = path.Join(p.kube, file)
	}
	file = path.Clean(file)
	if inside, ok := beneath(file, p.kube); ok {
		first, _, _ := strings.Cut(inside, "/")
		if !writes && slices.Contains(credentials, first) {
			return fmt.Sprintf("it reads ~/%s, and nothing of its user's is for it", inside)
		}
		return ""
	}
	within := func(dir string) bool { _, ok := beneath(file, dir); return ok }
	switch {
	case writes && !slices.ContainsFunc(temporary, within) && !strings.Contains(file, "/__pycache__"):
		return fmt.Sprintf("it writes %s, which is not in its copy of the Kube", file)
	case !writes && slices.ContainsFunc(private, within) && !slices.ContainsFunc(p.read, within) && !ofPython(path.Base(file)):
		return fmt.Sprintf("it reads %s, and nothing of its host's is for it", file)
	}
	return ""
}

// beneath is the rest of a path below a folder.
func beneath(file, dir string) (rest string, ok bool) {
	if file == dir {
		return ".", true
	}
	return strings.CutPrefix(file, dir+"/")
}
