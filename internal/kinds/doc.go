// Package kinds knows the kinds of Kubernetes itself: their fields, and which
// versions of the server have them.
//
// It is a table that is made from Kubernetes' own sources (kinds.txt.gz; the
// program is internal/e2e/kinds) and that is unpacked when something is asked.
// Its lines are
//
//	# Kubernetes VERSION…                   of which it was made, one a minor
//	K APIVERSION KIND TYPE SCOPE[@A-B]      a kind; SCOPE is namespace or cluster
//	R APIVERSION KIND MINOR INSTEAD         a kind that the minor has no more; INSTEAD is its apiVersion since, or -
//	E ENUM WORD[@A-B]…                      the words of an enumeration; _ stands for a blank
//	T TYPE FIELD[!]:VALUE[=DEFAULT][@A-B]…  the fields of a type; ! is required
//
// where @A-B says which minors of the server have it, if not all do, and a VALUE is
// a letter (s text, b true or false, i and l whole numbers of 32 and 64 bits, n any
// number, q quantity, o whole number or text, B base64, t and u times, * anything),
// <ENUM>, the name of a type, {VALUE} for a mapping of names to values, or [VALUE]
// for a list. After a list stands ^KEY,KEY where the server tells its items apart
// by these keys, and ^ where by themselves.
//
// It knows nothing of what custom resource definitions define.
package kinds

//go:generate go run -C ../e2e ./kinds
