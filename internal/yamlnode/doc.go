// Package yamlnode reads YAML as nodes, which know their lines, and words as
// Kubernetes reads them. What a file may say is for the readers of that file:
// K3.yaml and releases.yaml, values, manifests.
//
// There are two YAMLs. Kubernetes reads 1.1 (sigs.k8s.io/yaml over yaml.v2), in
// which no is false and 0644 is 420; yaml.v3, which gives lines, reads most
// words as 1.2 does. Where a word's meaning counts, Word and KeyWord say what
// Kubernetes reads.
package yamlnode
