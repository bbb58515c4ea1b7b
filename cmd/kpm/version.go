package main

import (
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/Masterminds/semver/v3"
)

type versionCmd struct{ output }

type build struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Modified bool   `json:"modified,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// Run prints the version, and what it was built from.
func (v versionCmd) Run(std *stdio) error {
	b := thisBuild()
	if done, err := v.structured(std, b); done || err != nil {
		return err
	}
	if v.Output == "name" {
		std.line("%s", b.Version)
		return nil
	}
	text := "kpm " + b.Version
	if b.Revision != "" {
		text += " (" + b.Revision[:min(12, len(b.Revision))] + ")"
	}
	std.line("%s %s %s", text, b.Go, b.Platform)
	return nil
}

func thisBuild() build {
	b := build{Version: "devel", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if v := strings.TrimPrefix(info.Main.Version, "v"); v != "" && v != "(devel)" {
		b.Version = v
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

func versionText() string { return thisBuild().Version }

// released is the version as Kubes may ask for it; nil for a build that is no
// release, which every Kube accepts.
func released() *semver.Version {
	v, err := semver.StrictNewVersion(versionText())
	if err != nil || v.Prerelease() != "" {
		return nil
	}
	return v
}
