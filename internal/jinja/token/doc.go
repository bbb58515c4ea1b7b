// Package token makes tokens of a template's text, by Jinja's rules for white
// space, comments, raw blocks and literals, and walks them. Its errors say what a
// tag of Go's text/template would be in Jinja.
package token
