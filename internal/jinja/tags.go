package jinja

import (
	"maps"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/jinja/expr"
	"github.com/kpm-sh/kpm/internal/jinja/token"
)

// statements reads tags and what they hold.
type statements struct {
	*expr.Parser
	blocks map[string]*Block
	names  map[string]bool // that are given a value
	open   []opened        // tags that wait for their ends
}

// opened is a tag that waits for its end.
type opened struct {
	name string
	line int
}

// readers read a tag after its name.
var readers map[string]func(*statements, token.Pos) (Stmt, error)

func init() {
	readers = map[string]func(*statements, token.Pos) (Stmt, error){
		"if": readIf, "for": readFor, "set": readSet, "with": readWith,
		"macro": readMacro, "call": readCall, "filter": readFilter,
		"block": readBlock, "extends": readExtends, "include": readInclude,
		"import": readImport, "from": readFrom, "print": readPrint,
		"autoescape": readAutoescape,
	}
}

// ends says what each word that ends or parts a tag belongs to.
var ends = map[string]string{
	"endif": "if", "elif": "if", "else": "if", "endfor": "for", "endset": "set", "endwith": "with", "endmacro": "macro", "endcall": "call",
	"endfilter": "filter", "endblock": "block", "endautoescape": "autoescape", "endraw": "raw",
}

// instead says what to write in place of tags that Jinja has not, or only with
// an extension.
var instead = map[string]string{
	"do":       "do needs an extension of Jinja that is not there: write {% set _ = … %}",
	"break":    "break needs an extension of Jinja that is not there: filter what the loop walks, {% for x in list if … %}",
	"continue": "continue needs an extension of Jinja that is not there: filter what the loop walks, {% for x in list if … %}",
	"trans":    "trans needs an extension of Jinja that is not there", "debug": "debug needs an extension of Jinja that is not there",
	"elseif": "elseif is no tag: write elif", "elsif": "elsif is no tag: write elif", "else if": "else if is no tag: write elif",
	"end": "end is no tag: each tag has an end of its own, as endif and endfor",
}

// body reads up to a tag of one of these names. With none
// it reads up to the end of the template.
func (s *statements) body(until ...string) ([]Stmt, error) {
	var out []Stmt
	for {
		from := s.From()
		switch t := s.Next(); t.Class {
		case token.ClassText:
			out = append(out, &Text{s.Span(from), t.Text})
		case token.ClassPrint:
			if s.startsGo() {
				return nil, s.Unexpected("a value is missing")
			}
			value, err := s.Tuple(true, false)
			if err != nil {
				return nil, err
			}
			if s.Now().Class != token.ClassPrintEnd {
				return nil, s.Unexpected("the end of the value is missing: }}")
			}
			s.Next()
			out = append(out, &Print{s.Span(from), []expr.Expr{value}})
		case token.ClassOpen:
			if s.AtAny(until) && s.Now().Class == token.ClassName {
				return out, nil
			}
			tag, err := s.tag(from)
			if err != nil {
				return nil, err
			}
			out = append(out, tag)
		default:
			if n := len(s.open); n > 0 {
				return nil, &token.Error{Pos: token.Pos{Line: s.open[n-1].line, Column: 1}, Message: s.open[n-1].name + " has no end" + s.open[n-1].name}
			}
			return out, nil
		}
	}
}

// startsGo reports whether a {{ begins as Go's if, range and with do, where Jinja
// would read an attribute of a name: `range .Values.hosts`.
func (s *statements) startsGo() bool {
	now, ahead := s.Now(), s.Ahead()
	return (now.Is("if") || now.Is("range") || now.Is("with")) && ahead.Is(".") && ahead.From > now.To
}

// tag reads one tag after its {%.
func (s *statements) tag(from token.Pos) (Stmt, error) {
	t, err := s.Name("the name of a tag")
	if err != nil {
		return nil, err
	}
	read := readers[t.Text]
	if read == nil {
		return nil, s.unknown(t)
	}
	if err := s.Enter(); err != nil {
		return nil, err
	}
	defer s.Leave()
	s.open = append(s.open, opened{t.Text, from.Line})
	out, err := read(s, from)
	if err != nil {
		return nil, err
	}
	s.open = s.open[:len(s.open)-1]
	return out, s.close(t.Text)
}

// close takes the %} of a tag.
func (s *statements) close(tag string) error {
	if s.Now().Class == token.ClassClose {
		s.Next()
		return nil
	}
	return s.Unexpected("the end of the tag %s is missing: %%}", tag)
}

// unknown is what is wrong with a tag that cannot stand here.
func (s *statements) unknown(t token.Token) error {
	if message, ok := instead[t.Text]; ok {
		return s.Errorf(t.From, "unknown tag %q: %s", t.Text, message)
	}
	owner, isEnd := ends[t.Text]
	n := len(s.open)
	switch {
	case isEnd && n > 0 && t.Text != "else" && t.Text != "elif":
		return s.Errorf(t.From, "%s does not end the %s of line %d", t.Text, s.open[n-1].name, s.open[n-1].line)
	case isEnd && strings.HasPrefix(t.Text, "end"):
		return s.Errorf(t.From, "%s ends nothing", t.Text)
	case isEnd:
		return s.Errorf(t.From, "%s is not inside an %s", t.Text, owner)
	}
	e := s.Errorf(t.From, "unknown tag %q", t.Text)
	e.Word, e.Known = t.Text, slices.Sorted(maps.Keys(readers))
	return e
}

// start takes the end of the tag that holds a body. A colon may stand before it.
func (s *statements) start(tag string) error {
	s.Skip(":")
	return s.close(tag)
}

// inside reads the body of a tag after its %}, and takes the name of its end.
func (s *statements) inside(tag string, ends ...string) ([]Stmt, string, error) {
	if err := s.start(tag); err != nil {
		return nil, "", err
	}
	body, err := s.body(ends...)
	if err != nil {
		return nil, "", err
	}
	return body, s.Next().Text, nil
}

// target reads `a`, `a, b`, `(a, b)` and, where a namespace may be set, `a.b`.
func (s *statements) target(namespaces bool) (*Target, error) {
	from := s.From()
	t := &Target{Tuple: true}
	commas := false
	for s.Now().Class == token.ClassName && !s.Now().Is("in") || s.Now().Is("(") {
		one, err := s.single(namespaces)
		if err != nil {
			return nil, err
		}
		t.Parts = append(t.Parts, one)
		if !s.Skip(",") {
			break
		}
		commas = true
	}
	switch {
	case len(t.Parts) == 0:
		return nil, s.Unexpected("a name is missing")
	case len(t.Parts) == 1 && !commas:
		return t.Parts[0], nil
	}
	t.Span = s.Span(from)
	return t, nil
}

func (s *statements) single(namespaces bool) (*Target, error) {
	from := s.From()
	if s.Skip("(") {
		if err := s.Enter(); err != nil {
			return nil, err
		}
		defer s.Leave()
		t, err := s.target(namespaces)
		if err != nil {
			return nil, err
		}
		return t, s.Want(")", "after the names in brackets")
	}
	name, err := s.assigned()
	if err != nil {
		return nil, err
	}
	t := &Target{Name: name}
	if namespaces && s.Skip(".") {
		attr, err := s.Name("the name after the dot")
		if err != nil {
			return nil, err
		}
		t.Attr = attr.Text
	}
	t.Span = s.Span(from)
	return t, nil
}

// assigned reads a name that is given a value.
func (s *statements) assigned() (string, error) {
	t, err := s.Name("a name")
	if err != nil {
		return "", err
	}
	if _, ok := expr.Constants[t.Text]; ok {
		return "", s.Errorf(t.From, "%s cannot be given a value", t.Text)
	}
	s.names[t.Text] = true
	return t.Text, nil
}

// watch runs read, and returns the names that are read in it.
func (s *statements) watch(read func() error) (map[string]bool, error) {
	uses := map[string]bool{}
	s.Uses = append(s.Uses, uses)
	err := read()
	s.Uses = s.Uses[:len(s.Uses)-1]
	return uses, err
}
