// Package admit says what a Kubernetes server would refuse of an object, without one.
//
// It walks an object along the types of package kinds: fields that are unknown or
// misplaced, values of another type, enumerations, required fields, items of lists
// that the server cannot tell apart. Beside the types stand the rules that the
// server has and its OpenAPI does not say: those of single fields in rules.txt,
// those between fields as functions, one file a group of kinds. Custom resources are
// walked along the schemas of their definitions, but for CEL.
//
// A fault holds for some versions of the server; who asks says which count. The rules
// are held against the server's own code: internal/e2e/oracle.
package admit
