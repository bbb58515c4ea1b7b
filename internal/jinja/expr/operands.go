package expr

import (
	"strings"

	"github.com/kpm-sh/kpm/internal/jinja/token"
)

// Constants are the names that stand for a value.
var Constants = map[string]any{"true": true, "True": true, "false": false, "False": false, "none": nil, "None": nil}

// primary reads a name, a value that is written out, or what stands in brackets.
func (p *Parser) primary() (Expr, error) {
	from := p.From()
	t := p.Now()
	switch {
	case t.Class == token.ClassName:
		return p.word(from), nil
	case t.Class == token.ClassString:
		var b strings.Builder
		for p.Now().Class == token.ClassString {
			b.WriteString(p.Next().Text)
		}
		return &Const{p.Span(from), b.String()}, nil
	case t.Class == token.ClassInteger:
		p.Next()
		return &Const{p.Span(from), token.Integer(t.Text)}, nil
	case t.Class == token.ClassFloat:
		p.Next()
		return &Const{p.Span(from), token.Float(t.Text)}, nil
	case t.Is("("):
		return p.brackets()
	case t.Is("["):
		return p.list(from)
	case t.Is("{"):
		return p.dict(from)
	}
	return nil, p.Unexpected("a value is missing")
}

func (p *Parser) word(from token.Pos) Expr {
	t := p.Next()
	if value, ok := Constants[t.Text]; ok {
		return &Const{p.Span(from), value}
	}
	for _, uses := range p.Uses {
		uses[t.Text] = true
	}
	return &Name{p.Span(from), t.Text}
}

// brackets reads (a), or a tuple (a, b).
func (p *Parser) brackets() (Expr, error) {
	p.Next()
	x, err := p.Tuple(true, true)
	if err != nil {
		return nil, err
	}
	return x, p.Want(")", "after the value in brackets")
}

// Tuple reads one value, or several with commas between them. Without conditions
// an `if` is not part of a value. Only in brackets there may be none.
func (p *Parser) Tuple(conditions, bracketed bool) (Expr, error) {
	from := p.From()
	read := (*Parser).Expression
	if !conditions {
		read = or
	}
	var items []Expr
	commas := false
	for !p.endsTuple() {
		x, err := read(p)
		if err != nil {
			return nil, err
		}
		items = append(items, x)
		if !p.Skip(",") {
			break
		}
		commas = true
	}
	switch {
	case len(items) == 1 && !commas:
		return items[0], nil
	case len(items) == 0 && !bracketed:
		return nil, p.Unexpected("a value is missing")
	}
	return &Tuple{p.Span(from), items}, nil
}

func (p *Parser) endsTuple() bool {
	t := p.Now()
	return t.Class == token.ClassClose || t.Class == token.ClassPrintEnd || t.Is(")") || t.Class == token.ClassName && t.Text == "recursive" && p.Ahead().Class == token.ClassClose
}

func (p *Parser) list(from token.Pos) (Expr, error) {
	p.Next()
	var items []Expr
	for !p.Now().Is("]") {
		x, err := p.Expression()
		if err != nil {
			return nil, err
		}
		items = append(items, x)
		if !p.Skip(",") && !p.Now().Is("]") {
			return nil, p.Unexpected("a comma or ] is missing in the list")
		}
	}
	p.Next()
	return &List{p.Span(from), items}, nil
}

func (p *Parser) dict(from token.Pos) (Expr, error) {
	p.Next()
	var pairs []Pair
	for !p.Now().Is("}") {
		key, err := p.Expression()
		if err != nil {
			return nil, err
		}
		if err := p.Want(":", "after a key of the mapping"); err != nil {
			return nil, err
		}
		value, err := p.Expression()
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, Pair{key, value})
		if !p.Skip(",") && !p.Now().Is("}") {
			return nil, p.Unexpected("a comma or } is missing in the mapping")
		}
	}
	p.Next()
	return &Dict{p.Span(from), pairs}, nil
}

// attribute reads .name, or .0, which is [0].
func (p *Parser) attribute(from token.Pos, x Expr) (Expr, error) {
	p.Next()
	at := p.From()
	t := p.Now()
	switch t.Class {
	case token.ClassName:
		p.Next()
		return &Attr{p.Span(from), x, t.Text}, nil
	case token.ClassInteger:
		p.Next()
		return &Item{p.Span(from), x, &Const{p.Span(at), token.Integer(t.Text)}}, nil
	}
	return nil, p.Unexpected("a name or number is missing after the dot")
}

// item reads [key], [a:b:c], or several with commas, which are a tuple.
func (p *Parser) item(from token.Pos, x Expr) (Expr, error) {
	p.Next()
	at := p.From()
	var keys []Expr
	for !p.Now().Is("]") {
		if len(keys) > 0 {
			if err := p.Want(",", "in the brackets"); err != nil {
				return nil, err
			}
		}
		key, err := p.key()
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	if len(keys) == 1 {
		p.Next()
		return &Item{p.Span(from), x, keys[0]}, nil
	}
	key := &Tuple{p.Span(at), keys}
	p.Next()
	return &Item{p.Span(from), x, key}, nil
}

func (p *Parser) key() (Expr, error) {
	from := p.From()
	s := &Slice{}
	if !p.Now().Is(":") {
		low, err := p.Expression()
		if err != nil || !p.Now().Is(":") {
			return low, err
		}
		s.Low = low
	}
	for _, part := range []*Expr{&s.High, &s.Step} {
		if !p.Skip(":") {
			break
		}
		if t := p.Now(); t.Is(":") || t.Is("]") || t.Is(",") {
			continue
		}
		x, err := p.Expression()
		if err != nil {
			return nil, err
		}
		*part = x
	}
	s.Span = p.Span(from)
	return s, nil
}

func (p *Parser) call(from token.Pos, fn Expr) (Expr, error) {
	args, err := p.arguments()
	return &Call{p.Span(from), fn, args}, err
}

// arguments reads (a, b, *c, d=e, **f).
func (p *Parser) arguments() (Args, error) {
	var args Args
	p.Next()
	for !p.Now().Is(")") {
		if err := p.argument(&args); err != nil {
			return args, err
		}
		if !p.Skip(",") && !p.Now().Is(")") {
			return args, p.Unexpected("a comma or ) is missing in the call")
		}
	}
	p.Next()
	return args, nil
}

func (p *Parser) argument(args *Args) error {
	from := p.From()
	var err error
	switch {
	case p.Now().Is("**"):
		if args.RestDict != nil {
			return p.Unexpected("a call takes ** once")
		}
		p.Next()
		args.RestDict, err = p.Expression()
	case args.RestDict != nil:
		return p.Unexpected("nothing follows a ** in a call")
	case p.Now().Is("*"):
		if args.Rest != nil {
			return p.Unexpected("a call takes * once")
		}
		p.Next()
		args.Rest, err = p.Expression()
	case p.Now().Class == token.ClassName && p.Ahead().Is("="):
		name := p.Next().Text
		p.Next()
		if args.has(name) {
			return p.Unexpected("the argument %s is there twice", name)
		}
		var value Expr
		value, err = p.Expression()
		args.Named = append(args.Named, Named{p.Span(from), name, value})
	case args.Rest != nil || len(args.Named) > 0:
		return p.Unexpected("an argument without a name stands after one with a name or a *")
	default:
		var value Expr
		value, err = p.Expression()
		args.Pos = append(args.Pos, value)
	}
	return err
}

func (a *Args) has(name string) bool {
	for _, n := range a.Named {
		if n.Name == name {
			return true
		}
	}
	return false
}

// dotted reads the name of a filter or test.
func (p *Parser) dotted(of string) (string, error) {
	t, err := p.Name(of)
	name := t.Text
	for err == nil && p.Skip(".") {
		t, err = p.Name(of)
		name += "." + t.Text
	}
	return name, err
}

// Filter reads a filter after its |.
func (p *Parser) Filter(from token.Pos, x Expr) (*Filter, error) {
	name, err := p.dotted("the name of a filter")
	if err != nil {
		return nil, err
	}
	f := &Filter{X: x, Name: name}
	if p.Now().Is("(") {
		if f.Args, err = p.arguments(); err != nil {
			return nil, err
		}
	}
	f.Span = p.Span(from)
	return f, nil
}

// test reads a test after its `is`.
func (p *Parser) test(from token.Pos, x Expr) (Expr, error) {
	negated := p.Skip("not")
	name, err := p.dotted("the name of a test")
	if err != nil {
		return nil, err
	}
	t := &Test{X: x, Name: name}
	switch {
	case p.Now().Is("("):
		t.Args, err = p.arguments()
	case p.Now().Is("is"):
		err = p.Unexpected("tests cannot be chained: put the first in brackets, or write and")
	case p.startsOperand():
		var arg Expr
		at := p.From()
		if arg, err = p.primary(); err == nil {
			arg, err = p.postfix(at, arg)
		}
		t.Args.Pos = []Expr{arg}
	}
	if err != nil {
		return nil, err
	}
	t.Span = p.Span(from)
	if negated {
		return &Unary{t.Span, "not", t}, nil
	}
	return t, nil
}

// startsOperand reports whether the value of a test may start here.
func (p *Parser) startsOperand() bool {
	t := p.Now()
	switch t.Class {
	case token.ClassName:
		return t.Text != "else" && t.Text != "or" && t.Text != "and"
	case token.ClassString, token.ClassInteger, token.ClassFloat:
		return true
	}
	return t.Is("(") || t.Is("[") || t.Is("{")
}
