package hook

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

const sandboxExec = "/usr/bin/sandbox-exec"

// levels are those that this system may offer.
func levels() []Level { return []Level{Sandbox} }

// Main is where the process that confines itself begins. There is none on this
// system: ok is false, and the program goes on.
func Main([]string) (code int, ok bool) { return 0, false }

func (s *session) start(ctx context.Context, level Level, st *stream) (*exec.Cmd, error) {
	at, err := s.onDisk()
	if err != nil {
		return nil, err
	}
	cmd := s.unconfined(at)
	st.own(cmd)
	if level == Unconfined {
		return cmd, cmd.Start()
	}
	rules, err := s.profile(at)
	if err != nil {
		return nil, &setupError{level, err}
	}
	probe := exec.CommandContext(ctx, sandboxExec, "-p", rules, s.python.Path, "-I", "-S", "-c", "")
	probe.Dir, probe.Env = cmd.Dir, cmd.Env
	if _, err := probe.Output(); err != nil {
		return nil, &setupError{level, fmt.Errorf("starting Python in %s: %w%s", sandboxExec, err, reason(err))}
	}
	cmd.Path = sandboxExec
	cmd.Args = append([]string{sandboxExec, "-p", rules, s.python.Path}, cmd.Args[1:]...)
	return cmd, cmd.Start()
}

// profile denies everything and allows what a hook needs. A hook is a single
// process: nothing of it outlives it.
func (s *session) profile(at places) (string, error) {
	write, err := filepath.EvalSymlinks(at.kube)
	if err != nil {
		return "", err
	}
	read := append([]string{
		write, "/usr/lib", "/usr/share", "/usr/bin", "/bin", "/System", "/Library/Frameworks", "/Library/Developer",
		"/Applications/Xcode.app", "/opt/homebrew", "/usr/local", "/private/var/db/dyld", "/private/var/db/timezone",
	}, s.python.Libs...)
	if at.previous != "" {
		read = append(read, filepath.Join(filepath.Dir(write), filepath.Base(at.previous)))
	}
	var b strings.Builder
	b.WriteString("(version 1)\n(deny default)\n(allow process-exec*)\n(allow sysctl-read)\n(allow file-read-metadata)\n")
	b.WriteString(`(allow file-read* file-write-data file-ioctl (literal "/dev/null") (literal "/dev/tty") (regex #"^/dev/ttys[0-9]+$"))` + "\n")
	b.WriteString(`(allow file-read* (literal "/") (literal "/dev/urandom") (literal "/dev/random"))` + "\n")
	fmt.Fprintf(&b, "(allow file-read* (literal %s))\n", quoted(s.python.Path))
	for _, dir := range read {
		fmt.Fprintf(&b, "(allow file-read* (subpath %s))\n", quoted(dir))
	}
	fmt.Fprintf(&b, "(allow file-write* (subpath %s))\n", quoted(write))
	b.WriteString("(deny process-fork)\n(deny network*)\n(deny signal)\n(deny mach-lookup)\n")
	return b.String(), nil
}

// quoted writes a path as a string of the profile's language.
func quoted(p string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(p) + `"`
}
