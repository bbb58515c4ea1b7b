package cluster

import "path/filepath"

// folder is where a cluster writes.
type folder string

func (f folder) file(name string) string { return filepath.Join(string(f), name) }

// certificate is the one that kube-apiserver signs for itself.
func (f folder) certificate() string { return f.file("apiserver.crt") }
func (f folder) signingKey() string  { return f.file("service-account.key") }
func (f folder) tokenFile() string   { return f.file("tokens.csv") }
