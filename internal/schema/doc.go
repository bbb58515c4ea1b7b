// Package schema reads a Kube's values.schema.json, says what of it values break,
// and what kinds of values it allows at a place.
//
// A schema is all there is: a reference to another file or address is a fault of
// the schema, and nothing is fetched. What is said of a value never holds the
// value itself, unless that is a number: it may be a password.
package schema
