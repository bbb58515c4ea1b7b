package fetch

import "strings"

// Netrc finds the credential for a host (without port) in the content of a
// ~/.netrc file. The first `machine` of that name which has a password counts.
// `default` is ignored: it would show a password to every host there is.
//
// Words are separated by white space; "…" quotes a word, with \ before what is
// to be taken as it is; a # at the start of a line begins a comment; a macdef
// ends at an empty line.
func Netrc(data []byte, host string) (Credential, bool) {
	n := netrc{rest: string(data)}
	var machine, login, password string
	for {
		word, ok := n.word()
		if !ok || word == "machine" || word == "default" {
			if machine != "" && strings.EqualFold(machine, host) && password != "" {
				c, err := basic(login, password)
				return c, err == nil
			}
			machine, login, password = "", "", ""
		}
		if !ok {
			return Credential{}, false
		}
		switch word {
		case "machine":
			machine, _ = n.word()
		case "login":
			login, _ = n.word()
		case "password":
			password, _ = n.word()
		case "account":
			n.word()
		case "macdef":
			n.skipMacro()
		}
	}
}

// netrc is what is not yet read of a file.
type netrc struct {
	rest  string
	begun bool // a word of the current line was read
}

// word is the next word of the file.
func (n *netrc) word() (string, bool) {
	for n.rest != "" {
		switch c := n.rest[0]; {
		case c == '\n':
			n.rest, n.begun = n.rest[1:], false
		case c == ' ' || c == '\t' || c == '\r':
			n.rest = n.rest[1:]
		case c == '#' && !n.begun:
			_, n.rest, _ = strings.Cut(n.rest, "\n")
		case c == '"':
			n.begun = true
			return n.quoted(), true
		default:
			n.begun = true
			return n.plain(), true
		}
	}
	return "", false
}

func (n *netrc) plain() string {
	end := strings.IndexAny(n.rest, " \t\r\n")
	if end < 0 {
		end = len(n.rest)
	}
	word := n.rest[:end]
	n.rest = n.rest[end:]
	return word
}

func (n *netrc) quoted() string {
	var word strings.Builder
	for i := 1; i < len(n.rest); i++ {
		switch c := n.rest[i]; {
		case c == '"':
			n.rest = n.rest[i+1:]
			return word.String()
		case c == '\\' && i+1 < len(n.rest):
			i++
			word.WriteByte(n.rest[i])
		default:
			word.WriteByte(c)
		}
	}
	n.rest = "" // the quote never ends
	return word.String()
}

// skipMacro leaves out the lines of a macro, up to an empty one.
func (n *netrc) skipMacro() {
	_, n.rest, _ = strings.Cut(n.rest, "\n")
	n.begun = false
	for n.rest != "" {
		var line string
		line, n.rest, _ = strings.Cut(n.rest, "\n")
		if strings.TrimRight(line, "\r") == "" {
			return
		}
	}
}
