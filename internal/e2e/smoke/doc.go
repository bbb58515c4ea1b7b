// Package smoke tests the built kpm-cluster: the command line from outside its
// namespace, and the cluster with a client from within.
//
// The tests do not build the binary, which takes minutes; without it they skip,
// or, where CI is true, fail.
package smoke
