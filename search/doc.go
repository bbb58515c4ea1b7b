// Package search is the local, offline catalog of Kubes of one repository. It
// never touches the network.
//
// # On disk
//
// A [Store] is a folder that may hold files of others, which it leaves alone:
//
//	CURRENT       "gen-7\n": the generation that readers open; replaced by rename
//	gen-7/        one generation
//	  index/      a Bleve index, in which each document stores its line byte for byte
//	  state.json  what the caller keeps beside the lines; opaque here
//	  seal.json   mapping version, counts, and the size of every file of index/
//	gen-6/        the generation before, for readers that are still on their way to it
//	update.lock   locked exclusively by the one writer
//
// A generation is built in full, sealed and synced before CURRENT names it, and
// its index is never opened for writing after that. So readers take no lock and
// wait for nobody, and a crash at any moment leaves the generation of before or
// the one of after. Only state.json may be replaced later, by rename: the lines
// of a generation never change, so any state in its folder belongs to them.
//
// A full build of up to 10,000 lines makes segments of 1,250 on all cores, one of
// more lines makes one. Each update adds a segment; they are merged now and then,
// those of the full build are not.
//
// What a crash leaves behind (half-built generations, folders of Bleve's offline
// builder, temporary files) and generations older than the previous one are
// removed by the next update.
//
// # Searching
//
// The words of a pattern are ANDed; `word*` is a prefix; `kind:` `image:`
// `keyword:` `license:` `tested:` narrow the hits without ranking them, and take a `*` at
// the end too. No pattern can be read as Bleve's query syntax. A Kube that is
// gone keeps its line, for [Catalog.Get] and [Catalog.Lines], but is never a hit.
//
// Hits are ordered by score, then by name: the exact name first, then parts of
// names, keywords, descriptions and details. Only when nothing matches are
// similar spellings searched, and the result says so.
package search
