package hook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/kpm-sh/kpm/internal/kube"
)

// interpreter is a Python and what it needs to be able to read.
type interpreter struct {
	Path string   // of the program itself, no link and no wrapper script
	Libs []string // folders of its standard library
}

// question makes Python say where it is. Version managers put a script in its
// place, and virtual environments a link: the base of both is what runs hooks.
const question = `import json, os, sys, sysconfig
paths = sysconfig.get_paths()
print(json.dumps({
    "Path": os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable),
    "Libs": sorted({os.path.dirname(paths[p]) for p in ("stdlib", "platstdlib")} | {sys.base_prefix + "/lib"}),
}))`

// Python is what Python 3 is called on this system.
func Python() string {
	if runtime.GOOS == "windows" {
		return "py"
	}
	return "python3"
}

// HasPython is an error, in words that follow what needs it, where there is no
// such program. It does not run it.
func HasPython(name string) error {
	if _, err := exec.LookPath(name); err != nil {
		return missing(name)
	}
	return nil
}

func missing(name string) error { return fmt.Errorf("it needs Python 3, and there is no %s", name) }

// findPython asks the user's Python about itself. It is run as the user runs
// it, with the user's environment and nothing of the Kube.
func findPython(ctx context.Context, name string) (interpreter, error) {
	args := []string{"-I", "-S", "-c", question}
	if runsLauncher(name) {
		args = append([]string{"-3"}, args...)
	}
	out, err := exec.CommandContext(ctx, name, args...).Output()
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		return interpreter{}, missing(name)
	}
	if err != nil {
		return interpreter{}, fmt.Errorf("it needs Python 3: asking %s where it is: %w%s", name, err, reason(err))
	}
	var p interpreter
	if err := json.Unmarshal(out, &p); err != nil {
		return interpreter{}, fmt.Errorf("it needs Python 3: understanding the answer of %s: %w", name, err)
	}
	if !filepath.IsAbs(p.Path) {
		return interpreter{}, fmt.Errorf("it needs Python 3, and %s does not say where it is", name)
	}
	return p, nil
}

// runsLauncher reports whether name is the launcher of Windows, which is told
// which Python to run.
func runsLauncher(name string) bool {
	base := strings.ToLower(filepath.Base(name))
	return base == "py" || base == "py.exe"
}

// reason is the last line that a program wrote before it ended with err.
func reason(err error) string {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return ""
	}
	text := strings.TrimSpace(string(exit.Stderr))
	if text == "" {
		return ""
	}
	lines := strings.Split(text, "\n")
	return ": " + kube.Clean(strings.TrimSpace(lines[len(lines)-1]), false)
}
