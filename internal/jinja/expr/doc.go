// Package expr reads the expressions of a template: what stands in {{ }} and
// after the name of a tag, with Jinja's operators from the weakest, if, to the
// strongest, a call.
package expr
