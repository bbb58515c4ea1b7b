// Package solve chooses releases: one for each Kube that another one needs, so
// that it lies in the ranges of all who need it.
//
// It is pure: what there is to choose from comes from a Catalog, and the answer is
// a tree that also says what cannot be met. It knows no repository, no cluster and
// no file.
package solve
