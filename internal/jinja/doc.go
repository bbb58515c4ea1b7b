// Package jinja reads templates: text to tree, by the grammar of Jinja 3.1.
//
// It knows the language alone. What a name, filter or test means, and what a
// tree prints, is for who runs it; here a filter is a name with arguments. The
// binding of operators is Jinja's, from loose to tight:
//
//	a if b else c          the else part may be absent; chains to the right
//	or, and, not
//	== != < <= > >= in, not in      one chain: a < b < c
//	+ -
//	~
//	* / // %
//	**                     to the left, looser than a sign: -1 ** 2 is 1
//	+a -a                  a filter after -a takes all of -a
//	a.b a[b] a(b)
//	a|filter  a is test    one after the other; a test takes one value without brackets
//
// # Bounds
//
// A template is at most token.MaxSource bytes, a tag token.MaxTag; brackets, tags,
// signs and conditions nest token.MaxNesting deep. The parser goes forward only and ends after
// one pass. It refuses what it does not know with a token.Error that says where, and
// what would be right; a template of Go's text/template is told what it is.
//
// What it leaves out of Jinja are line statements and comments, own delimiters,
// \N{names} in texts, names that are not made of letters and digits, and the
// extensions: do, break, continue, trans and debug are no tags.
package jinja
