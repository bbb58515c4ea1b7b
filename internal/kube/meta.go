package kube

import "github.com/Masterminds/semver/v3"

// Meta is what K3.yaml says. Name, Version and Description are always there.
//
// Every text is Printable, of one line and at most MaxLine bytes, without space
// around it; only Details and values of Annotations may have more lines.
type Meta struct {
	Name         string // ValidName, equal to the folder's
	Version      *semver.Version
	Description  string
	Details      string
	Home         string // http, https or mailto URL; anything else is warned about
	License      string // SPDX expression, not looked up
	Deprecated   string // what to use instead, or why not to use it
	Maintainers  []string
	Dependencies []Dependency
	Keywords     []string
	Kubernetes   Range             // server versions on which it works
	KPM          Range             // clients that may install it
	Images       []string          // images that it uses and no manifest shows
	Annotations  map[string]string // for other tools
}

// Dependency is another Kube that has to be installed, in a version of the
// range. Without a range any will do.
type Dependency struct {
	Name    string
	Version Range
}
