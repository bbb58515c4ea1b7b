// Package pagelist is the list of a repository's web pages: every file of the
// web site by path, sha256 and size.
//
// Pages have fixed paths and are rewritten, so they are unsigned where they lie;
// what vouches for them is this list, which the signed head names
// (index.Head.Site). It is two levels of objects: the contents name the parts,
// and each part lists pages, ascending by path over all parts. A part is cut
// where the sha256 of a path says so, at one path in 256 or so: a page that is
// added, changed or taken away gives one new part, wherever it stands.
//
// The package is pure. docs/format.md describes the same bytes.
package pagelist
