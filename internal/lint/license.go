package lint

import (
	_ "embed" // the list
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/yamlnode"
)

// spdx are the identifiers of licences, and after an empty line those of exceptions:
// version 3.28 of https://spdx.org/licenses/, as npm's spdx-license-ids 3.0.24 and
// spdx-exceptions 2.5.0 have them.
//
//go:embed spdx.txt
var spdx string

var licences = sync.OnceValue(func() (known struct{ licences, exceptions []string }) {
	first, second, _ := strings.Cut(spdx, "\n\n")
	known.licences, known.exceptions = strings.Fields(first), strings.Fields(second)
	return known
})

// license warns of a licence that is no SPDX expression.
func license(k *kube.Kube) kube.Problems {
	if k.License == "" {
		return nil
	}
	e := &expression{words: strings.Fields(strings.NewReplacer("(", " ( ", ")", " ) ").Replace(k.License))}
	fault := e.either()
	if fault == "" && len(e.words) > 0 {
		fault = fmt.Sprintf("nothing was expected before %q", e.words[0])
	}
	if fault == "" {
		return nil
	}
	data, _ := k.File(kube.MetaPath)
	return kube.Problems{{
		Path: kube.MetaPath, Line: yamlnode.Line(data, "license"), Warning: true, Rule: "license",
		Message: fmt.Sprintf("license %q is no SPDX expression: %s", k.License, fault),
	}}
}

// expression is what is left to read of an SPDX expression: licences with AND, OR, WITH
// and parentheses (https://spdx.github.io/spdx-spec/, annex D).
type expression struct{ words []string }

func (e *expression) next() string {
	if len(e.words) == 0 {
		return ""
	}
	return e.words[0]
}

// either reads terms with OR or AND between them, and gives what is wrong.
func (e *expression) either() string {
	for {
		if fault := e.term(); fault != "" {
			return fault
		}
		if word := e.next(); word != "AND" && word != "OR" {
			return ""
		}
		e.words = e.words[1:]
	}
}

func (e *expression) term() string {
	word := e.next()
	if word == "" {
		return "a licence is missing"
	}
	e.words = e.words[1:]
	if word == "(" {
		fault := e.either()
		if fault == "" && e.next() != ")" {
			return "a parenthesis is not closed"
		}
		e.words = e.words[min(1, len(e.words)):]
		return fault
	}
	if fault := identifier(strings.TrimSuffix(word, "+"), licences().licences); fault != "" {
		return fault
	}
	if e.next() != "WITH" {
		return ""
	}
	e.words = e.words[1:]
	exception := e.next()
	e.words = e.words[min(1, len(e.words)):]
	return identifier(exception, licences().exceptions)
}

// identifier is what is wrong with one of a list, or a reference to a text.
func identifier(word string, known []string) string {
	if strings.HasPrefix(word, "LicenseRef-") || strings.HasPrefix(word, "DocumentRef-") {
		return ""
	}
	if slices.Contains(known, word) {
		return ""
	}
	near, _ := kube.Nearest(word, known)
	return fmt.Sprintf("there is no %q; the nearest is %s", word, near)
}
