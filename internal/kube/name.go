package kube

import (
	"errors"
	"fmt"
	"strings"
)

// ValidName says why name cannot be that of a Kube: it consists of a–z, 0–9 and
// inner hyphens, is at most MaxName bytes long, and is no Windows device.
func ValidName(name string) error {
	switch {
	case name == "":
		return errors.New("name is empty")
	case len(name) > MaxName:
		return fmt.Errorf("name has %d characters, more than %d", len(name), MaxName)
	case !isLowerAlnumHyphen(name):
		return fmt.Errorf("name %q: use only a-z, 0-9 and -", name)
	case name[0] == '-' || name[len(name)-1] == '-':
		return fmt.Errorf("name %q: begin and end with a-z or 0-9", name)
	case isDevice(name):
		return fmt.Errorf("name %q is reserved on Windows", name)
	}
	return nil
}

func isLowerAlnumHyphen(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// isDevice reports whether Windows takes a file of that name for a device,
// whatever its extension and case.
func isDevice(name string) bool {
	base, _, _ := strings.Cut(strings.ToLower(name), ".")
	base = strings.TrimRight(base, " ")
	switch base {
	case "con", "prn", "aux", "nul", "conin$", "conout$":
		return true
	}
	port, ok := strings.CutPrefix(base, "com")
	if !ok {
		port, ok = strings.CutPrefix(base, "lpt")
	}
	if !ok {
		return false
	}
	switch port {
	case "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³":
		return true
	}
	return false
}
