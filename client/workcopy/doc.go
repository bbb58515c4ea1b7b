// Package workcopy keeps working copies: folders of Kubes that are their user's to
// edit, and that remember which release they came from.
//
// A copy is put in place in one step, with its Origin written before that, so that
// a kill leaves the old copy or the new one and never one without an origin. Edits
// are what differs from the origin, file by file. A merge brings edits into another
// release in memory first; what cannot be merged is left to the user beside what
// they wrote.
//
// It fetches and verifies nothing: whoever calls it has done that.
package workcopy
