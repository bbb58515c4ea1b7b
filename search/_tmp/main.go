package main

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/search"
)

func word(n uint64) string {
	var b strings.Builder
	for n += 7; n > 0; n /= 45 {
		b.WriteByte("bdfgklmnprstvwz"[n%15])
		b.WriteByte("aeiou"[n/15%5])
		b.WriteByte("nrs"[n%3])
	}
	return b.String()
}
func gen(n int, seed uint64) iter.Seq2[index.Line, error] {
	return func(yield func(index.Line, error) bool) {
		r := rand.New(rand.NewPCG(seed, uint64(n)))
		z := rand.NewZipf(r, 1.1, 8, 30000)
		text := func(w int) string {
			var b strings.Builder
			for range w {
				b.WriteString(word(z.Uint64()) + " ")
			}
			return strings.TrimSpace(b.String())
		}
		for i := range n {
			rec := index.Record{Name: fmt.Sprintf("%s-%s-%d", word(z.Uint64()), word(z.Uint64()), i), Rev: int64(seed), Version: "1.2.3", Description: text(11), Details: text(60), Keywords: strings.Fields(text(4)), License: "Apache-2.0", Kinds: []string{"Deployment", "Service"}, Images: []string{"docker.io/library/" + word(z.Uint64()) + ":1.2"}, Maintainers: []string{"Some <a@b>"}}
			raw, _ := json.Marshal(rec)
			l := index.Line{Raw: raw}
			if err := index.Decode(raw, &l.Record); err != nil {
				panic(err)
			}
			size += len(raw)
			if !yield(l, nil) {
				return
			}
		}
	}
}

var size int

func main() {
	ctx := context.Background()
	s := search.Store{Dir: os.Args[2]}
	st := time.Now()
	switch os.Args[1] {
	case "noop":
	case "build":
		n, _ := strconv.Atoi(os.Args[3])
		w, _ := s.Lock(ctx)
		fmt.Println(w.Replace(ctx, gen(n, 1), []byte("{}")), size)
		w.Unlock()
	case "apply":
		n, _ := strconv.Atoi(os.Args[3])
		seed, _ := strconv.Atoi(os.Args[4])
		cat, _ := s.Open()
		var ls []index.Line
		rnd := rand.New(rand.NewPCG(uint64(seed), 1))
		names, _ := cat.Names(ctx, "", 0)
		seen := map[int]bool{}
		for len(ls) < n {
			k := rnd.IntN(len(names))
			if seen[k] { continue }
			seen[k] = true
			l, _, _ := cat.Get(names[k])
			l.Rev = int64(seed)
			ls = append(ls, l)
		}
		cat.Close()
		st = time.Now()
		w, _ := s.Lock(ctx)
		fmt.Println(w.Apply(ctx, ls, []byte("{}")))
		w.Unlock()
	case "search":
		cat, err := s.Open()
		if err != nil {
			panic(err)
		}
		o := time.Since(st)
		lim, _ := strconv.Atoi(os.Args[4])
		r, err := cat.Search(ctx, os.Args[3], lim)
		q := time.Since(st)
		cat.Close()
		fmt.Println(o, q-o, time.Since(st)-q, err, r.Total, r.DidYouMean, len(r.Hits))
	case "names":
		cat, _ := s.Open()
		n, err := cat.Names(ctx, "", 0)
		fmt.Println(len(n), err)
	case "lines":
		cat, _ := s.Open()
		n := 0
		for range cat.Lines() {
			n++
		}
		fmt.Println(n)
	}
	fmt.Println(os.Args[1], time.Since(st))
	b, _ := os.ReadFile("/proc/self/status")
	i := strings.Index(string(b), "VmHWM")
	fmt.Println(strings.Split(string(b[i:]), "\n")[0])
}
