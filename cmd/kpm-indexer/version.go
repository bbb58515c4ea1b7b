package main

import (
	"fmt"
	"runtime/debug"
	"strings"
)

type versionCmd struct{}

// Run prints what this binary was built from.
func (versionCmd) Run(std stdio) error {
	_, err := fmt.Fprintf(std.out, "kpm-indexer %s\n", built())
	return err
}

func built() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return "(unknown)"
}

// released is the version of this binary if others can install it, else "".
func released() string {
	if v := built(); strings.HasPrefix(v, "v") && !strings.Contains(v, "+dirty") {
		return v
	}
	return ""
}
