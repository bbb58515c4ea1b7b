package main

import (
	"fmt"
	"strings"
)

type envCmd struct{ output }

// variables are the settings that have one. KUBECONFIG and the like belong to
// others, but kpm heeds them.
var variables = []string{
	"KPM_HOME", "KPM_NAMESPACE", "KPM_CONTEXT", "KPM_OUTPUT", "KPM_TIMEOUT", "KPM_YES", "KPM_OFFLINE",
	"HTTPS_PROXY", "SSL_CERT_FILE", "KUBECONFIG",
}

// Run prints each setting as a shell would read it.
func (e envCmd) Run(std *stdio, s *settings) error {
	dir, err := s.dir()
	if err != nil {
		return err
	}
	values := map[string]string{}
	for _, name := range variables {
		values[name] = std.getenv(name)
	}
	values["KPM_HOME"] = dir
	if done, err := e.structured(std, values); done || err != nil {
		return err
	}
	for _, name := range variables {
		if e.Output == "name" {
			fmt.Fprintln(std.out, name)
			continue
		}
		std.line("%s=%s", name, inQuotes(values[name]))
	}
	return nil
}

// inQuotes is a text in double quotes, in which a shell replaces nothing.
func inQuotes(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`").Replace(s) + `"`
}
