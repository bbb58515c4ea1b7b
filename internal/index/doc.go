// Package index is the published format: how everything that a repository
// offers is written down as bytes on a static host.
//
// The index is a log of records, one line per Kube, cut into immutable
// segments; one signed file, the head, lists the segments. Nothing but the
// head is ever rewritten.
//
//   - A publish has a sequence number N, one more than the last. Each record
//     carries the number of the publish that last changed it: its rev.
//   - A segment (from, to] holds exactly the records with from < rev ≤ to, as
//     they stood at publish `to`, Kubes that are gone included, ascending by
//     name, as gzip'd JSON lines in parts of at most 4 MiB raw.
//   - Publish N lists (N-1, N], and when 8, 64, 512 … divide N also (N-8, N],
//     (N-64, N] …. The last 8 of each level stay listed, and the newest segment
//     with from 0. So a head always contains a chain from 0 to N.
//   - A client that holds the state of publish S takes the cheapest chain of
//     segments over (S, N] and keeps, for each name, the line with the highest
//     rev. S is 0 for a client that holds nothing. Overlaps, repeats and any
//     order give the same state.
//   - The XOR of the sha256 of all held lines, and the number of Kubes, are in
//     the head: they find accidents. Attackers are stopped by the signature on
//     the head, which reaches every other byte by its sha256 and size.
//
// A document lists all releases of one Kube. An envelope is how a signed
// payload travels. Layout spells every path on the host.
//
// The package is pure: bytes in, values out, and back. It knows no file, no
// network and no clock, and it does not verify signatures. docs/format.md
// describes the same bytes for somebody who writes another client.
package index
