package kinds

import (
	"bytes"
	"compress/gzip"
	_ "embed" // the table
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed kinds.txt.gz
var packed []byte

// Minors are the minor versions of Kubernetes 1 from First to Last.
type Minors struct{ First, Last int }

// Has tells whether n is one of m.
func (m Minors) Has(n int) bool { return m.First <= n && n <= m.Last }

// String is as in "1.31 to 1.37".
func (m Minors) String() string {
	if m.First == m.Last {
		return fmt.Sprintf("1.%d", m.First)
	}
	return fmt.Sprintf("1.%d to 1.%d", m.First, m.Last)
}

// Kind is a kind in a version of its API.
type Kind struct {
	APIVersion, Kind string
	Type             string // the type of its objects
	Namespaced       bool
	Served           Minors // of the versions that the table knows
}

// Removal is what became of a kind in a version of its API, or what is announced.
type Removal struct {
	Minor   int    // the first of Kubernetes 1 without it
	Instead string // the apiVersion that has it since; "" for none
}

// String is as in "Kubernetes 1.16 removed it: write apps/v1".
func (r Removal) String() string {
	verb := "removed"
	if r.Minor > Known().Last {
		verb = "removes"
	}
	if r.Instead == "" {
		return fmt.Sprintf("Kubernetes 1.%d %s it, and nothing took its place", r.Minor, verb)
	}
	return fmt.Sprintf("Kubernetes 1.%d %s it: write %s", r.Minor, verb, r.Instead)
}

// table is the file by its lines, which are read when they are asked for.
type table struct {
	known   Minors
	kinds   map[string]string   // by "APIVERSION KIND"
	removed map[string]string   // by "APIVERSION KIND"
	enums   map[string]string   // by name
	types   map[string]string   // by name
	in      map[string][]string // apiVersions by kind
	read    sync.Map            // *Type by name
}

var load = sync.OnceValue(func() *table {
	t := &table{kinds: map[string]string{}, removed: map[string]string{}, enums: map[string]string{}, types: map[string]string{}, in: map[string][]string{}}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		panic("kinds: " + err.Error()) // the file is part of the program
	}
	text, err := io.ReadAll(z)
	if err != nil {
		panic("kinds: " + err.Error())
	}
	for line := range strings.Lines(string(text)) {
		t.line(strings.TrimSuffix(line, "\n"))
	}
	return t
})

func (t *table) line(line string) {
	sort, rest, _ := strings.Cut(line, " ")
	first, more, _ := strings.Cut(rest, " ")
	switch sort {
	case "#":
		versions := strings.Fields(more)
		t.known = Minors{minorOf(versions[0]), minorOf(versions[len(versions)-1])}
	case "K":
		kind, facts, _ := strings.Cut(more, " ")
		t.kinds[first+" "+kind] = facts
		t.in[kind] = append(t.in[kind], first)
	case "R":
		kind, facts, _ := strings.Cut(more, " ")
		t.removed[first+" "+kind] = facts
	case "E":
		t.enums[first] = more
	case "T":
		t.types[first] = more
	}
}

func minorOf(version string) int {
	_, rest, _ := strings.Cut(version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	return number(minor)
}

func number(text string) int {
	n, _ := strconv.Atoi(text) //nolint:errcheck // a word of the table that is a number
	return n
}

// Known are the versions of the server that the table was made of.
func Known() Minors { return load().known }

// Of gives a kind of Kubernetes, if any version of the server that is known has it.
func Of(apiVersion, kind string) (Kind, bool) {
	t := load()
	facts, ok := t.kinds[apiVersion+" "+kind]
	if !ok {
		return Kind{}, false
	}
	facts, during := t.during(facts)
	name, scope, _ := strings.Cut(facts, " ")
	return Kind{apiVersion, kind, name, scope == "namespace", during}, true
}

// In are the apiVersions that have a kind in any group, sorted.
func In(kind string) []string { return load().in[kind] }

// Near is the name of the kind that kind was probably meant to be, in an apiVersion;
// "" for none.
func Near(apiVersion, kind string) string {
	t := load()
	for key := range t.kinds {
		if at, name, _ := strings.Cut(key, " "); at == apiVersion && strings.EqualFold(name, kind) {
			return name
		}
	}
	return ""
}

// Groups tells whether a group, or an apiVersion, is Kubernetes' own.
func Groups(apiVersion string) bool {
	group, _, ok := strings.Cut(apiVersion, "/")
	if !ok {
		return apiVersion == "v1"
	}
	t := load()
	for _, all := range t.in {
		if slices.ContainsFunc(all, func(at string) bool { return strings.HasPrefix(at, group+"/") }) {
			return true
		}
	}
	return false
}

// Custom tells whether an apiVersion may be that of custom resources: its group has a dot
// and is none of Kubernetes' own. Projects beside it have groups below k8s.io, too.
func Custom(apiVersion string) bool {
	group, _, ok := strings.Cut(apiVersion, "/")
	return ok && strings.Contains(group, ".") && (!strings.HasSuffix(group, ".k8s.io") || !Groups(apiVersion))
}

// Removed tells when servers have, or will have, a kind in a version of its API no more.
func Removed(apiVersion, kind string) (Removal, bool) {
	facts, ok := load().removed[apiVersion+" "+kind]
	if !ok {
		return Removal{}, false
	}
	minor, instead, _ := strings.Cut(facts, " ")
	return Removal{number(minor), strings.TrimPrefix(instead, "-")}, true
}

// during cuts the minors off a word, all that are known where it names none.
func (t *table) during(word string) (string, Minors) {
	text, at, ok := strings.Cut(word, "@")
	m := t.known
	if ok {
		first, last, _ := strings.Cut(at, "-")
		if first != "" {
			m.First = number(first)
		}
		if last != "" {
			m.Last = number(last)
		}
	}
	return text, m
}
