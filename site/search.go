package site

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The search of the page is that of `kpm search`, over files that hold the same
// words: names.js with all names, keywords and facets, a shard of the words of
// descriptions for each pair of first letters, and chunks of what a hit shows.
// assets/search.js reads them; both spell the format.
//
// Kubes are numbered by the age of their first release, so that a new Kube adds
// to the end and rewrites no more than the shards that hold its words. One that
// is gone leaves a hole: no name, no words.

const searchFolder = "assets/search/"

// chunkSize is how many Kubes a chunk has.
const chunkSize = 50

// printSearch draws the files of the search.
func printSearch(p *printer, c *catalog) error {
	kubes := c.numbered()
	x := newSearchIndex(kubes, len(p.Lines))
	if err := script(p, "names.js", "names", x.names()); err != nil {
		return err
	}
	if err := script(p, "keywords.js", "keywords", x.keywords()); err != nil {
		return err
	}
	if err := script(p, "images.js", "images", x.images()); err != nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(x.shards)) {
		if err := script(p, shardName(key), "shard", key, x.shards[key].encoded()); err != nil {
			return err
		}
	}
	for n := 0; n*chunkSize < len(kubes); n++ {
		if err := script(p, fmt.Sprintf("c-%d.js", n), "chunk", n, chunk(kubes[n*chunkSize:min((n+1)*chunkSize, len(kubes))])); err != nil {
			return err
		}
	}
	return nil
}

// script writes a classic script that calls a function of search.js with data:
// from file:// nothing else can be loaded.
func script(p *printer, name, function string, args ...any) error {
	texts := make([]string, len(args))
	for i, arg := range args {
		data, err := json.Marshal(arg)
		if err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
		texts[i] = string(data)
	}
	return p.emit(Page{Path: searchFolder + name, Data: []byte("kpm." + function + "(" + strings.Join(texts, ",") + ");\n")})
}

// shardName is the file of the words that begin with key, two letters or fewer.
func shardName(key string) string {
	var name strings.Builder
	for _, r := range key {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			name.WriteRune(r)
		} else {
			fmt.Fprintf(&name, "_%x", r)
		}
	}
	return "w-" + name.String() + ".js"
}

// shardKey are the first two letters of a word.
func shardKey(word string) string {
	runes := []rune(word)
	return string(runes[:min(2, len(runes))])
}

// searchIndex is what the search knows, by the number of a Kube.
type searchIndex struct {
	kubes  []*entry
	total  int // lines of the catalog, those of Kubes that are gone included
	shards map[string]shard
	counts [2][]int // words of description and details
}

// shard are postings by word.
type shard map[string]*[2]postings

// postings are the Kubes that have a word, ascending, and how often.
type postings []posting

type posting struct{ kube, times int }

func newSearchIndex(kubes []*entry, total int) *searchIndex {
	x := &searchIndex{kubes: kubes, total: total, shards: map[string]shard{}}
	for n, k := range kubes {
		if k.Gone != "" {
			k = &entry{} // a record that is gone has a name and a reason
		}
		for field, text := range []string{k.Description, k.Details} {
			list := prose(text)
			x.counts[field] = append(x.counts[field], len(list))
			for _, word := range list {
				x.add(word, field, n)
			}
		}
	}
	return x
}

func (x *searchIndex) add(word string, field, n int) {
	key := shardKey(word)
	if x.shards[key] == nil {
		x.shards[key] = shard{}
	}
	lists := x.shards[key][word]
	if lists == nil {
		lists = &[2]postings{}
		x.shards[key][word] = lists
	}
	if at := len(lists[field]) - 1; at >= 0 && lists[field][at].kube == n {
		lists[field][at].times++
		return
	}
	lists[field] = append(lists[field], posting{n, 1})
}

// encoded writes each word's postings as "description|details": distances in
// base 36, with :N where a word is there N times.
func (s shard) encoded() map[string]string {
	out := make(map[string]string, len(s))
	for word, lists := range s {
		out[word] = lists[0].String() + "|" + lists[1].String()
	}
	return out
}

func (ps postings) String() string {
	var b strings.Builder
	last := 0
	for i, p := range ps {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strconv.FormatInt(int64(p.kube-last), 36))
		if p.times > 1 {
			b.WriteString(":" + strconv.Itoa(p.times))
		}
		last = p.kube
	}
	return b.String()
}

// nameList is names.js.
type nameList struct {
	Total    int        `json:"total"`
	Names    string     `json:"names"`  // separated by spaces; nothing for a Kube that is gone
	Counts   [2]string  `json:"counts"` // words of description and details, coded by numbers
	Shards   []string   `json:"shards"`
	Stop     string     `json:"stop"`
	Kinds    codedLists `json:"kinds"`
	Licenses codedLists `json:"licenses"`
	Tested   codedLists `json:"tested"`
	Chunk    int        `json:"chunk"`
}

// codedLists are lists of words of which many Kubes have the same.
type codedLists struct {
	Lists []string `json:"lists"` // words separated by spaces
	Of    string   `json:"of"`    // which list a Kube has, coded by numbers; "" where there is one
}

func (x *searchIndex) names() nameList {
	out := nameList{
		Total: x.total, Counts: [2]string{numbers(x.counts[0]), numbers(x.counts[1])}, Shards: slices.Sorted(maps.Keys(x.shards)), Chunk: chunkSize,
		Stop: strings.Join(strings.Fields(stopWordText), " "),
	}
	var names []string
	for _, k := range x.kubes {
		if k.Gone != "" {
			names = append(names, "")
			continue
		}
		names = append(names, k.Name)
	}
	out.Names = strings.Join(names, " ")
	out.Kinds = x.coded(func(k *entry) string { return strings.Join(k.Kinds, " ") })
	out.Licenses = x.coded(func(k *entry) string { return k.License })
	out.Tested = x.coded(func(k *entry) string { return strings.Join(k.Tested, " ") })
	return out
}

// keywords are a line for each Kube, separated by commas. A line that begins
// with * begins with the parts of the name: many do.
func (x *searchIndex) keywords() string {
	lines := make([]string, len(x.kubes))
	for i, k := range x.kubes {
		var list []string
		for _, word := range k.Keywords {
			list = append(list, strings.NewReplacer(",", " ", "\n", " ").Replace(strings.ToLower(word)))
		}
		if k.Gone != "" {
			continue
		}
		star, parts := "", strings.Split(k.Name, "-")
		if len(list) >= len(parts) && slices.Equal(list[:len(parts)], parts) {
			star, list = "*", list[len(parts):]
		}
		lines[i] = star + strings.Join(list, ",")
	}
	return strings.Join(lines, "\n")
}

func (x *searchIndex) coded(text func(*entry) string) codedLists {
	c := codedLists{Lists: []string{}}
	at := map[string]int{}
	var of []int
	for _, k := range x.kubes {
		t := text(k)
		i, ok := at[t]
		if !ok {
			i = len(c.Lists)
			at[t], c.Lists = i, append(c.Lists, t)
		}
		of = append(of, i)
	}
	if len(c.Lists) > 1 {
		c.Of = numbers(of)
	}
	return c
}

// numbers writes one character for each number, counted from '0', and none from
// 8,000 on as itself: a script reads that faster and shorter than digits.
func numbers(list []int) string {
	var b strings.Builder
	for _, n := range list {
		b.WriteRune('0' + rune(min(n, 8000)))
	}
	return b.String()
}

// images are the references of each Kube, without digests, separated by spaces.
func (x *searchIndex) images() []string {
	out := make([]string, len(x.kubes))
	for i, k := range x.kubes {
		var refs []string
		for _, ref := range k.Images {
			ref, _, _ = strings.Cut(strings.ToLower(ref), "@")
			refs = append(refs, ref)
		}
		out[i] = strings.Join(refs, " ")
	}
	return out
}

// chunk is what hits show: version, description, time, a word of warning, and what
// tests said.
func chunk(kubes []*entry) [][]string {
	out := make([][]string, len(kubes))
	for i, k := range kubes {
		if k.Gone != "" {
			out[i] = []string{}
			continue
		}
		warning := ""
		switch {
		case k.Yanked != "":
			warning = "yanked"
		case k.Deprecated != "":
			warning = "deprecated"
		}
		out[i] = []string{k.Version, k.Description, k.Built.Format(time.RFC3339), warning, testedText(k.results)}
	}
	return out
}
