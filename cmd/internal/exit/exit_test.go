package exit

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/trust"
)

var update = flag.Bool("update", false, "write docs/errors.md anew")

type factual struct {
	code  errcode.Code
	facts errcode.Facts
	cause error
}

func (e factual) Error() string             { return "it is wrong" }
func (e factual) ErrorCode() errcode.Code   { return e.code }
func (e factual) ErrorFacts() errcode.Facts { return e.facts }
func (e factual) Unwrap() error             { return e.cause }

func TestPrint(t *testing.T) {
	web := errcode.Facts{"name": "web", "namespace": "shop"}
	for name, c := range map[string]struct {
		err     error
		program string
		code    int
		want    string
	}{
		"nothing known":      {errors.New("x"), "kpm", Failed, "x\n"},
		"its facts":          {factual{code: errcode.NoRevision, facts: web}, "kpm", NotFound, "it is wrong\n  next: kpm history web -n shop\n"},
		"a plugin":           {factual{code: errcode.NoRevision, facts: web}, "kubectl kpm", NotFound, "it is wrong\n  next: kubectl kpm history web -n shop\n"},
		"a list":             {factual{code: errcode.NotFound, facts: errcode.Facts{"near": []string{"a", "b"}}}, "kpm", NotFound, "it is wrong\n  next: did you mean a, b?\n"},
		"a choice":           {factual{code: errcode.Ambiguous, facts: errcode.Facts{"choices": []string{"x/a", "y/a"}}}, "kpm", Usage, "it is wrong\n  next: say which one: x/a or y/a\n"},
		"words of a command": {factual{code: errcode.Unmerged, facts: errcode.Facts{"files": []string{"a b", "it's"}}}, "kpm", Conflict, "it is wrong\n  next: take over what you want of each, and then: rm 'a b' 'it'\\''s'\n"},
		"wrapped":            {fmt.Errorf("installing: %w", factual{code: errcode.NotInstalled, facts: web}), "kpm", NotFound, "installing: it is wrong\n  next: kpm list -A\n"},
		"with a fact":        {factual{code: errcode.NotInstalled, facts: errcode.Facts{"name": "web", "namespace": "shop", "tried": true}}, "kpm", NotFound, "it is wrong\n  next: kpm install web -n shop\n"},
		"a refusal":          {&trust.Error{Code: trust.Revoked, Found: "x"}, "kpm", Untrusted, "REVOKED: x\n  why: its publisher took it back\n  next: choose another version\n"},
		"missing":            {&trust.Error{Code: trust.Missing, Found: "x"}, Indexer, Unreachable, "MISSING: x\n  why: the copy is incomplete, or in the middle of an update\n  next: run kpm update in a few minutes, or use another source\n"},
		"private": {&trust.Error{Code: trust.Missing, Found: "x", Facts: errcode.Facts{"private": true}}, "kpm", Unreachable,
			"MISSING: x\n  why: the repository may be private, or the copy incomplete\n  next: say who you are in ~/.netrc, or with --token-env at kpm repo add; check the URL with kpm repo list\n"},
		"usage in an undecided": {factual{code: errcode.Undecided, cause: factual{code: errcode.Offline}}, "kpm", Undecided,
			"it is wrong\n  next: without --offline (KPM_OFFLINE) it would be fetched\n"},
		"several ways": {errors.Join(factual{code: errcode.Unowned, facts: errcode.Facts{"objects": []string{"configmap/a", "configmap/b c"}}},
			factual{code: errcode.OthersObject, facts: web}, factual{code: errcode.OthersObject, facts: errcode.Facts{"name": "db", "namespace": "shop"}}, factual{code: errcode.Conflict}), "kpm", Conflict,
			"it is wrong\n  | it is wrong\n  | it is wrong\n  | it is wrong\n  next: --adopt configmap/a --adopt 'configmap/b c' takes over what is there\n" +
				"  next: kpm uninstall web -n shop gives up what is its\n  next: kpm uninstall db -n shop gives up what is its\n"},
		"of the indexer":    {factual{code: errcode.Unreachable}, Indexer, Unreachable, "it is wrong\n"},
		"a full disk":       {syscall.EROFS, "kpm", Failed, "read-only file system\n  next: mend the permissions, or set KPM_HOME to a folder that you may write to\n"},
		"interrupted":       {context.Canceled, "kpm", Interrupted, "context canceled\n"},
		"joined":            {errors.Join(factual{code: errcode.TimedOut}, factual{code: errcode.Conflict}), "kpm", Conflict, "it is wrong\n  | it is wrong\n  next: mend what keeps it, or give it longer with --timeout\n"},
		"a fact with lines": {factual{code: errcode.NotFound, facts: errcode.Facts{"near": []string{"a\n  next: b"}}}, "kpm", NotFound, "it is wrong\n  next: did you mean a\ufffd  next: b?\n"},
	} {
		var out bytes.Buffer
		Print(&out, c.program, "", c.err)
		if got := out.String(); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
		if got := Code(c.err); got != c.code {
			t.Errorf("%s: got exit code %d, want %d", name, got, c.code)
		}
	}
}

// The rows of a code that want a fact stand above the one that does not, and there is one.
func TestEachCodeHasARowForAll(t *testing.T) {
	whole := map[errcode.Code]bool{}
	for _, r := range table {
		if whole[r.Code] {
			t.Errorf("the row of %s, %q can never count: one above is about all of that code", r.Code, r.When)
		}
		whole[r.Code] = whole[r.Code] || r.When == ""
	}
	for _, r := range table {
		if !whole[r.Code] {
			t.Errorf("%s has no row without a fact", r.Code)
		}
	}
}

func TestDocs(t *testing.T) {
	var text strings.Builder
	text.WriteString("# Errors\n\nEach error has an exit code, and most say below `next:` what to do. An error may be of several kinds: the first row about it counts, for the code and for the advice each by itself.\n" +
		"Libraries give an error its kind; this page is made of the one table in `cmd/internal/exit`. The kinds of refusals, those that say why, begin the text of the error and are stable.\n\n" +
		"0 done · 1 failed · 2 usage · 3 not trusted · 4 not found · 5 dependency unmet, declined, or a question without an answer · 6 conflict · 7 timed out · 8 unreachable · 130 interrupted. Of `diff`: 0 same, 1 differs, 9 what is 1 elsewhere.\n\n" +
		"| kind | exit code | next |\n|---|---|---|\n")
	for _, r := range table {
		kind, code := "`"+string(r.Code)+"`", fmt.Sprint(r.Exit)
		if r.When != "" {
			kind += " (" + r.When + ")"
		}
		if r.Exit == 0 {
			code = "1, if no other"
		}
		next := strings.NewReplacer("{kpm}", "kpm", "|or}", "}", "|shell}", "}").Replace(r.Next)
		next = strings.NewReplacer("{", "*", "}", "*").Replace(next)
		if r.Why != "" {
			next = r.Why + "; " + next
		}
		fmt.Fprintf(&text, "| %s | %s | %s |\n", kind, code, next)
	}
	const page = "../../../docs/errors.md"
	if *update {
		if err := os.WriteFile(page, []byte(text.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(page); err != nil || string(got) != text.String() {
		t.Errorf("docs/errors.md is not the table (%v): go test ./cmd/internal/exit -update", err)
	}
}
