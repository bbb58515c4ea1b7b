package jinja

import (
	"maps"
	"slices"
	"strings"
)

// statements reads tags and what they hold.
type statements struct {
	*parser
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
var readers map[string]func(*statements, Pos) (Stmt, error)

func init() {
	readers = map[string]func(*statements, Pos) (Stmt, error){
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
		from := s.from()
		switch t := s.take(); t.class {
		case classText:
			out = append(out, &Text{s.span(from), t.text})
		case classPrint:
			if s.startsGo() {
				return nil, s.unexpected("a value is missing")
			}
			value, err := s.tuple(true, false)
			if err != nil {
				return nil, err
			}
			if s.now().class != classPrintEnd {
				return nil, s.unexpected("the end of the value is missing: }}")
			}
			s.take()
			out = append(out, &Print{s.span(from), []Expr{value}})
		case classOpen:
			if s.atAny(until) && s.now().class == className {
				return out, nil
			}
			tag, err := s.tag(from)
			if err != nil {
				return nil, err
			}
			out = append(out, tag)
		default:
			if n := len(s.open); n > 0 {
				return nil, &Error{Pos: Pos{s.open[n-1].line, 1}, Message: s.open[n-1].name + " has no end" + s.open[n-1].name}
			}
			return out, nil
		}
	}
}

// startsGo reports whether a {{ begins as Go's if, range and with do, where Jinja
// would read an attribute of a name: `range .Values.hosts`.
func (s *statements) startsGo() bool {
	now, ahead := s.now(), s.ahead()
	return (now.is("if") || now.is("range") || now.is("with")) && ahead.is(".") && ahead.from > now.to
}

// tag reads one tag after its {%.
func (s *statements) tag(from Pos) (Stmt, error) {
	t, err := s.name("the name of a tag")
	if err != nil {
		return nil, err
	}
	read := readers[t.text]
	if read == nil {
		return nil, s.unknown(t)
	}
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	s.open = append(s.open, opened{t.text, from.Line})
	out, err := read(s, from)
	if err != nil {
		return nil, err
	}
	s.open = s.open[:len(s.open)-1]
	return out, s.close(t.text)
}

// close takes the %} of a tag.
func (s *statements) close(tag string) error {
	if s.now().class == classClose {
		s.take()
		return nil
	}
	return s.unexpected("the end of the tag %s is missing: %%}", tag)
}

// unknown is what is wrong with a tag that cannot stand here.
func (s *statements) unknown(t token) error {
	if message, ok := instead[t.text]; ok {
		return s.errorf(t.from, "unknown tag %q: %s", t.text, message)
	}
	owner, isEnd := ends[t.text]
	n := len(s.open)
	switch {
	case isEnd && n > 0 && t.text != "else" && t.text != "elif":
		return s.errorf(t.from, "%s does not end the %s of line %d", t.text, s.open[n-1].name, s.open[n-1].line)
	case isEnd && strings.HasPrefix(t.text, "end"):
		return s.errorf(t.from, "%s ends nothing", t.text)
	case isEnd:
		return s.errorf(t.from, "%s is not inside an %s", t.text, owner)
	}
	e := s.errorf(t.from, "unknown tag %q", t.text)
	e.Word, e.Known = t.text, slices.Sorted(maps.Keys(readers))
	return e
}

// start takes the end of the tag that holds a body. A colon may stand before it.
func (s *statements) start(tag string) error {
	s.skip(":")
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
	return body, s.take().text, nil
}

// target reads `a`, `a, b`, `(a, b)` and, where a namespace may be set, `a.b`.
func (s *statements) target(namespaces bool) (*Target, error) {
	from := s.from()
	t := &Target{Tuple: true}
	commas := false
	for s.now().class == className && !s.now().is("in") || s.now().is("(") {
		one, err := s.single(namespaces)
		if err != nil {
			return nil, err
		}
		t.Parts = append(t.Parts, one)
		if !s.skip(",") {
			break
		}
		commas = true
	}
	switch {
	case len(t.Parts) == 0:
		return nil, s.unexpected("a name is missing")
	case len(t.Parts) == 1 && !commas:
		return t.Parts[0], nil
	}
	t.Span = s.span(from)
	return t, nil
}

func (s *statements) single(namespaces bool) (*Target, error) {
	from := s.from()
	if s.skip("(") {
		if err := s.enter(); err != nil {
			return nil, err
		}
		defer s.leave()
		t, err := s.target(namespaces)
		if err != nil {
			return nil, err
		}
		return t, s.want(")", "after the names in brackets")
	}
	name, err := s.assigned()
	if err != nil {
		return nil, err
	}
	t := &Target{Name: name}
	if namespaces && s.skip(".") {
		attr, err := s.name("the name after the dot")
		if err != nil {
			return nil, err
		}
		t.Attr = attr.text
	}
	t.Span = s.span(from)
	return t, nil
}

// assigned reads a name that is given a value.
func (s *statements) assigned() (string, error) {
	t, err := s.name("a name")
	if err != nil {
		return "", err
	}
	if _, ok := constants[t.text]; ok {
		return "", s.errorf(t.from, "%s cannot be given a value", t.text)
	}
	s.names[t.text] = true
	return t.text, nil
}

// watch runs read, and returns the names that are read in it.
func (s *statements) watch(read func() error) (map[string]bool, error) {
	uses := map[string]bool{}
	s.uses = append(s.uses, uses)
	err := read()
	s.uses = s.uses[:len(s.uses)-1]
	return uses, err
}
