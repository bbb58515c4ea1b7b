// Package registry asks image registries: for manifests, blobs and what refers to
// them, and puts them there.
//
// Credentials are those that docker and podman use (config.json, auth.json and
// credential helpers), shown to their registry alone: challenges, tokens and the
// choice between https and, for this machine and private addresses, http are
// go-containerregistry's. Bytes come through package fetch, with its bounds on
// silence and its retries, go on where they broke off, and count only when size and
// digest fit.
//
// Errors say which registry it was: ErrNotFound, ErrUnauthorized or ErrUnreachable; other
// bytes than a digest says are DIGEST or SIZE.
package registry
