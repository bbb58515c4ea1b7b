package str

import (
	"math/big"
	"strings"
	"unicode/utf8"

	"github.com/kpm-sh/kpm/internal/python"
	"github.com/kpm-sh/kpm/internal/python/letters"
	"github.com/kpm-sh/kpm/internal/python/num"
)

// FormatPercent is text % values: a tuple, a mapping, or one value.
func FormatPercent(text, values any) (any, error) {
	s, _ := python.Text(text)
	p := &percent{text: s, values: values, rest: []any{values}}
	if t, ok := values.(*python.Tuple); ok {
		p.rest, p.several = t.Items, true
	}
	if _, ok := text.(python.Markup); ok {
		p.escape = true
	}
	out, err := p.format()
	if err != nil {
		return nil, err
	}
	return python.Like(text, out), nil
}

// percent fills in the directives of one text.
type percent struct {
	text    string
	at      int
	values  any
	rest    []any
	several bool // values is a tuple
	keyed   bool // a directive named its value
	escape  bool
	out     strings.Builder
}

func (p *percent) format() (string, error) {
	for {
		n := strings.IndexByte(p.text[p.at:], '%')
		if n < 0 {
			break
		}
		p.out.WriteString(p.text[p.at : p.at+n])
		p.at += n + 1
		if err := p.directive(); err != nil {
			return "", err
		}
		if p.out.Len() > python.MaxText {
			return "", TooLong()
		}
	}
	p.out.WriteString(p.text[p.at:])
	if len(p.rest) > 0 && !p.keyed && !p.mayBeLeft() {
		return "", python.Errorf("there are too many values to format")
	}
	return p.out.String(), nil
}

// mayBeLeft reports whether the one value may stay unused: a mapping or list.
func (p *percent) mayBeLeft() bool {
	if p.several {
		return false
	}
	switch p.values.(type) {
	case *python.Dict, *python.List, *python.Range:
		return true
	}
	return false
}

func (p *percent) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

// next is the value of the next directive.
func (p *percent) next() (any, error) {
	if len(p.rest) == 0 {
		return nil, python.Errorf("there are too few values to format")
	}
	v := p.rest[0]
	p.rest = p.rest[1:]
	return v, python.Use(v)
}

// directive reads one directive after its %, and writes its value.
func (p *percent) directive() error {
	named, err := p.key()
	if err != nil {
		return err
	}
	s, left, err := p.layout()
	if err != nil {
		return err
	}
	for p.peek() != 0 && strings.IndexByte("hlL", p.peek()) >= 0 {
		p.at++
	}
	verb := p.peek()
	p.at++
	switch verb {
	case 0:
		return python.Errorf("a text to format ends in the middle of a %%")
	case '%':
		p.out.WriteByte('%')
		return nil
	}
	v := named
	if v == nil {
		next, err := p.next()
		if err != nil {
			return err
		}
		v = &next
	}
	text, err := p.value(s, left, verb, *v)
	p.out.WriteString(text)
	return err
}

// key reads (name), and gives the value of that name.
func (p *percent) key() (*any, error) {
	if p.peek() != '(' {
		return nil, nil
	}
	depth, start := 0, p.at+1
	for ; p.at < len(p.text); p.at++ {
		switch p.text[p.at] {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth == 0 {
			break
		}
	}
	if p.at >= len(p.text) {
		return nil, python.Errorf("a text to format has %%( without a )")
	}
	name := p.text[start:p.at]
	p.at++
	d, ok := p.values.(*python.Dict)
	if !ok {
		return nil, python.Errorf("%%(%s) needs a mapping, not %s", name, python.Kind(p.values))
	}
	v, ok := d.Text(name)
	if !ok {
		return nil, python.Errorf("there is no value %q to format", name)
	}
	p.keyed = true
	return &v, python.Use(v)
}

// layout reads flags, width and precision. The second result is the flag -.
func (p *percent) layout() (spec, bool, error) {
	s, left := spec{fill: " ", precision: -1}, false
	for ; p.peek() != 0 && strings.IndexByte("-+ 0#", p.peek()) >= 0; p.at++ {
		switch p.peek() {
		case '-':
			left = true
		case '+':
			s.sign = '+'
		case ' ':
			if s.sign == 0 {
				s.sign = ' '
			}
		case '0':
			s.zero = true
		case '#':
			s.alternate = true
		}
	}
	var err error
	if s.width, err = p.size(0); err != nil {
		return s, left, err
	}
	if s.width < 0 {
		left, s.width = true, -s.width
	}
	if p.peek() == '.' {
		p.at++
		s.precision, err = p.size(0)
		s.precision = max(s.precision, 0)
	}
	return s, left, err
}

// size reads a number, or * for one that is among the values.
func (p *percent) size(absent int) (int, error) {
	if p.peek() == '*' {
		p.at++
		v, err := p.next()
		if err != nil {
			return 0, err
		}
		n, ok := num.Int(v)
		if !ok || n > python.MaxText || n < -python.MaxText {
			return 0, python.Errorf("* in a format needs a whole number")
		}
		return n, nil
	}
	n, rest, ok := number(p.text[p.at:], absent)
	if !ok {
		return 0, TooLong()
	}
	p.at = len(p.text) - len(rest)
	return n, nil
}

func (p *percent) value(s spec, left bool, verb byte, v any) (string, error) {
	if left {
		s.align = '<'
	}
	switch verb {
	case 's', 'r', 'a':
		return p.words(s, verb, v)
	case 'c':
		return p.character(s, v)
	case 'd', 'i', 'u':
		if f, ok := v.(float64); ok {
			whole, ok, err := num.ToInt(f, 10)
			if err != nil || !ok {
				return "", python.Errorf("%s is no whole number", num.FormatFloat(f))
			}
			v = whole
		}
		s.verb = 'd'
	case 'x', 'X', 'o':
		s.verb = verb
		if _, ok := v.(float64); ok {
			return "", python.Errorf("%%%c needs a whole number", verb)
		}
	case 'e', 'E', 'f', 'F', 'g', 'G':
		f, ok, err := num.ToFloat(v)
		if err != nil {
			return "", err
		}
		if !ok || python.IsText(v) {
			return "", python.Errorf("%%%c needs a number, not %s", verb, python.Kind(v))
		}
		s.verb = verb
		return s.padded(left).float(f)
	default:
		return "", python.Errorf("%%%s is not a way to format", clipped(p.text[p.at-1:]))
	}
	n, ok := num.Big(v)
	if !ok {
		return "", python.Errorf("%%%c needs a number, not %s", verb, python.Kind(v))
	}
	return s.padded(left).digits(n)
}

func clipped(s string) string {
	r, _ := utf8.DecodeRuneInString(s)
	return string(r)
}

// padded is s with zeros up to its width, if it is to be.
func (s spec) padded(left bool) spec {
	if left {
		s.zero = false
	}
	if s.zero {
		s.fill = "0"
	}
	return s
}

// digits writes a whole number with at least so many digits as the precision
// says.
func (s spec) digits(n *big.Int) (string, error) {
	least := s.precision
	s.precision = -1
	if least < 0 {
		return s.whole(n)
	}
	bare := spec{fill: " ", precision: -1, verb: s.verb}
	text, err := bare.whole(new(big.Int).Abs(n))
	if err != nil {
		return "", err
	}
	text = strings.Repeat("0", max(least-len(text), 0)) + text
	prefix := s.signed(n.Sign() < 0)
	if s.alternate && s.verb != 'd' {
		prefix += "0" + string(s.verb)
	}
	return s.number(prefix, text, "", 3), nil
}

func (p *percent) words(s spec, verb byte, v any) (string, error) {
	text, err := Str(v)
	if verb != 's' {
		text, err = Repr(v)
	}
	if err != nil {
		return "", err
	}
	if verb == 'a' {
		text = letters.AsciiOnly(text)
	}
	if _, safe := v.(python.Markup); p.escape && (!safe || verb != 's') {
		text = EscapeText(text)
	}
	return spec{fill: " ", align: s.align, width: s.width, precision: s.precision}.textRight(text)
}

// textRight is text, on the right unless it is said otherwise.
func (s spec) textRight(v string) (string, error) {
	if s.align == 0 {
		s.align = '>'
	}
	return s.text(v)
}

func (p *percent) character(s spec, v any) (string, error) {
	s.precision = -1
	if text, ok := python.Text(v); ok && utf8.RuneCountInString(text) == 1 {
		return spec{fill: " ", align: s.align, width: s.width, precision: -1}.textRight(text)
	}
	n, ok := num.Int(v)
	if !ok || n < 0 || n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
		return "", python.Errorf("%%c needs a character, or the number of one")
	}
	return spec{fill: " ", align: s.align, width: s.width, precision: -1}.textRight(string(rune(n)))
}
