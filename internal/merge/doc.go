// Package merge brings the user's edits of a Kube's files into another release:
// three versions of a file in, the merged file or its conflicts out. It knows
// neither files on a disk nor clusters.
//
// base is the file of the release that the edits were made on, ours is the
// user's, theirs is that of the other release. The rules, for every kind of file:
//
//   - what only one side changed, added or removed is taken from that side;
//   - what both changed alike is taken once;
//   - anything else is a conflict: there the user's version stays, and everything
//     else is taken as ever.
//
// How finely a file is looked at depends on what it is. YAML is merged object by
// object and field by field: kyaml walks the three trees and knows which lists
// are keyed in Kubernetes (containers by name). Lists without keys, texts of many
// lines and every other kind of file are merged as diff3 merges lines, and so is YAML
// with lists whose keys are incomplete.
//
// A diff takes an element that moved for one that goes and one that comes. So a list
// whose changes would lose, double or bring back an element is a conflict as a whole, and
// a line that the release moved goes and comes, or stays where it was.
//
// Anchors and aliases stay. A merge by fields of a document that has some is taken if it
// means what comes out where all aliases are written out before; else it is one by lines.
//
// Comments and the order of the user's documents stay. The text of a merge by
// lines is preferred where it means the same as the merge by fields, because it
// keeps blank lines and indentation, too.
package merge
