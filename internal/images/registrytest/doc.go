// Package registrytest gives tests registries and images: a real one, Debian's
// docker-registry, and go-containerregistry's, in which faults can be injected.
package registrytest
