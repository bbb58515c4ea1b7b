package hook

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/kpm-sh/kpm/internal/kube"
)

func TestPrinter(t *testing.T) {
	for name, test := range map[string]struct{ in, want string }{
		"lines":               {"a\nb\n", "pony | a\npony | b\n"},
		"unfinished":          {"a", "pony | a\n"},
		"empty line":          {"\n", "pony | \n"},
		"of a terminal":       {"a\r\nb\r\n", "pony | a\npony | b\n"},
		"written over":        {"a\rkpm: Continue? ", "pony | a\npony | kpm: Continue? \n"},
		"escape":              {"\x1b[2K\x1b[1Gkpm\n", "pony | \ufffd[2K\ufffd[1Gkpm\n"},
		"bidi":                {"a\u202eb\n", "pony | a\ufffdb\n"},
		"line separator":      {"a\u2028kpm: b\n", "pony | a\ufffdkpm: b\n"},
		"vertical tab":        {"a\vkpm\fkpm\n", "pony | a\ufffdkpm\ufffdkpm\n"},
		"tab":                 {"a\tb\n", "pony | a    b\n"},
		"not UTF-8":           {"a\xffb\n", "pony | a\ufffdb\n"},
		"as wide as it can":   {strings.Repeat("x", 33) + "\n", "pony | " + strings.Repeat("x", 33) + "\n"},
		"onto the next line":  {strings.Repeat(" ", 33) + "kpm: ok\n", "pony | " + strings.Repeat(" ", 33) + "\npony | kpm: ok\n"},
		"wide characters":     {strings.Repeat("語", 17) + "\n", "pony | " + strings.Repeat("語", 16) + "\npony | 語\n"},
		"longer than a line":  {strings.Repeat("é", maxLine/2+1) + "\n", ""},
		"cut in a character ": {"a" + strings.Repeat("é", maxLine/2+1) + "\n", ""},
	} {
		var out strings.Builder
		p := newPrinter(&out, "pony", 40)
		if err := errors.Join(p.write([]byte(test.in)), p.close()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := out.String(); test.want != "" && got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
		if name := name; strings.Contains(out.String(), "\ufffd") != strings.Contains(test.want, "\ufffd") {
			t.Errorf("%s: broken characters: %q", name, out.String())
		}
	}
}

func TestPrinterQuestions(t *testing.T) {
	var out strings.Builder
	p := newPrinter(&out, "pony", 40)
	step := func(err error, want string) {
		t.Helper()
		if got := out.String(); err != nil || got != want {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
		out.Reset()
	}
	step(p.write([]byte("Name? ")), "")
	step(p.rest(), "pony | Name? ")
	step(p.rest(), "")
	p.answered()
	step(p.write([]byte("thanks\n")), "pony | thanks\n")
	step(p.write([]byte("caf\xc3")), "")
	step(p.rest(), "") // half a character
	step(p.write([]byte("\xa9?")), "")
	step(p.rest(), "pony | café?")
	step(p.write([]byte("unanswered\n")), "\npony | unanswered\n")
	step(p.write([]byte("last? ")), "")
	step(p.rest(), "pony | last? ")
	step(p.close(), "\n")
}

func TestPrinterBounds(t *testing.T) {
	var out strings.Builder
	p := newPrinter(&out, "pony", 80)
	if err := p.write(make([]byte, maxOutput)); err != nil {
		t.Error(err)
	}
	if err := p.write([]byte("x")); !errors.Is(err, errOutput) {
		t.Errorf("got %v, want %v", err, errOutput)
	}
	p = newPrinter(&out, strings.Repeat("n", 63), 40)
	if got := len(p.prefix) + p.width; got != 40 {
		t.Errorf("with a long name lines are %d columns, want 40", got)
	}
}

// FuzzPrinter looks for output that could be taken for kpm's own.
func FuzzPrinter(f *testing.F) {
	for _, seed := range []string{"a\nb", "\r\x1b[A", "語\t語", "\xff\u202e", strings.Repeat("y", 200)} {
		f.Add([]byte(seed), 3)
	}
	f.Fuzz(func(t *testing.T, in []byte, rest int) {
		var out strings.Builder
		p := newPrinter(&out, "pony", 40)
		cut := min(max(rest, 0), len(in))
		err := errors.Join(p.write(in[:cut]), p.rest(), p.write(in[cut:]), p.close())
		if err != nil && len(in) <= maxOutput {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			text := strings.TrimSuffix(line, "\n")
			if !strings.HasPrefix(text, "pony | ") || !kube.Printable(text, false) || utf8.RuneCountInString(text) > 40 {
				t.Errorf("%q shows the line %q", in, line)
			}
		}
	})
}
