//go:build !windows

package hook

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// user is somebody at a terminal who answers what hooks ask.
type user struct {
	keyboard *os.File
	answers  map[string]string // by what stands on the terminal last
	screen   []byte
}

// newUser gives a user, and the terminal that kpm runs on.
func newUser(t *testing.T, answers map[string]string) (*user, *os.File) {
	t.Helper()
	keyboard, terminal, err := pty.Open()
	if err != nil {
		t.Skip("no pseudo-terminal here: ", err)
	}
	t.Cleanup(func() { _, _ = keyboard.Close(), terminal.Close() })
	return &user{keyboard: keyboard, answers: answers}, terminal
}

func (u *user) Write(b []byte) (int, error) {
	if answer, ok := u.answers[string(b)]; ok {
		if _, err := u.keyboard.WriteString(answer); err != nil {
			return 0, err
		}
	}
	u.screen = append(u.screen, b...)
	return len(b), nil
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ script, question, answer, want string }{
		"a question": {
			script:   `print("hello", input("Your name? "))`,
			question: "pony | Your name? ", answer: "Ann\n", want: "pony | Your name? pony | hello Ann\n",
		},
		"a password": {
			script:   `import getpass; print(len(getpass.getpass("Password: ")))`,
			question: "pony | Password: ", answer: "hunter2\n", want: "pony | Password: pony | \npony | 7\n",
		},
		"the end": {
			script:   "try: input('Go on? ')\nexcept EOFError: print('no')",
			question: "pony | Go on? ", answer: "\x04", want: "pony | Go on? pony | no\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := call(t, test.script)
			u, terminal := newUser(t, map[string]string{test.question: test.answer})
			c.In, c.Out = terminal, u
			if _, err := Run(t.Context(), allowed(c)); err != nil {
				t.Fatalf("%v\n%s", err, u.screen)
			}
			if got := string(u.screen); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestTakesNoLaterAnswer types after the hook, for a question of kpm itself.
func TestTakesNoLaterAnswer(t *testing.T) {
	t.Parallel()
	c, _ := call(t, `print("hello", input("Your name? "))`)
	u, terminal := newUser(t, map[string]string{"pony | Your name? ": "Ann\n"})
	c.In, c.Out = terminal, u
	if _, err := Run(t.Context(), allowed(c)); err != nil {
		t.Fatal(err)
	}
	if _, err := u.keyboard.WriteString("later\n"); err != nil {
		t.Fatal(err)
	}
	if got, err := bufio.NewReader(terminal).ReadString('\n'); got != "later\n" {
		t.Errorf("got %q, %v, want %q", got, err, "later\n")
	}
}

func TestNobodyAnswers(t *testing.T) {
	t.Parallel()
	c, out := call(t, `input("Your name? ")`)
	_, err := Run(t.Context(), allowed(c))
	if err == nil || !strings.Contains(out.String(), "EOFError") {
		t.Errorf("got %v\n%s", err, out)
	}
}
