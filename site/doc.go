// Package site draws the web site of a repository: pages for people, from the
// same index that kpm reads, as static files that need no server, no network
// and no other origin.
//
// Draw is a function of what is published: the same repository gives the same
// pages, byte by byte, and a mere re-sign changes the home page alone.
//
// Whatever an author wrote is hostile: text is escaped, addresses are http,
// https or mailto or no links, Markdown is sanitised, and the pages run no
// script and take no style that is not a file of this site.
//
// There is no promise of a Go API before 1.0.
package site
