package hook

import "testing"

// TestNamesFailure has hooks that Python ends.
func TestNamesFailure(t *testing.T) {
	t.Parallel()
	const prefix = "it ended with exit status 1"
	for script, want := range map[string]string{
		"print('a')\nx = = 1\n":                                     prefix + ": SyntaxError at line 2 of scripts/pre-install.py: this is no Python that the python3 here understands",
		"if True:\nprint('a')\n":                                    prefix + ": IndentationError at line 2 of scripts/pre-install.py: this is no Python that the python3 here understands",
		"import no_such_module_anywhere\n":                          prefix + ": ModuleNotFoundError at line 1 of scripts/pre-install.py: only Python's standard library is promised to a hook",
		"\n\nraise ValueError('hunter2')\n":                         prefix + ": ValueError at line 3 of scripts/pre-install.py",
		"raise SystemExit('I do not want to')\n":                    prefix,
		"print('ValueError: no')\nraise SystemExit(1)\n":            prefix,
		"try: 1/0\nexcept ZeroDivisionError: raise SystemExit(1)\n": prefix,
	} {
		c, out := call(t, script)
		_, err := run(t.Context(), c, []Level{bestLevel(t)})
		if err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s\n%s", script, err, want, out)
		}
	}
}

// TestHasPython is told before anybody is asked for consent.
func TestHasPython(t *testing.T) {
	t.Parallel()
	if err := HasPython("python3-of-nobody"); err == nil || err.Error() != "it needs Python 3, and there is no python3-of-nobody" {
		t.Errorf("got %v", err)
	}
	if c, _ := call(t, ""); HasPython(c.Python) != nil {
		t.Errorf("%s: got %v", c.Python, HasPython(c.Python))
	}
}
