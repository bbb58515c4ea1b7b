package jinja

import "strings"

// constants are the names that stand for a value.
var constants = map[string]any{"true": true, "True": true, "false": false, "False": false, "none": nil, "None": nil}

// primary reads a name, a value that is written out, or what stands in brackets.
func (p *parser) primary() (Expr, error) {
	from := p.from()
	t := p.now()
	switch {
	case t.class == className:
		return p.word(from), nil
	case t.class == classString:
		var b strings.Builder
		for p.now().class == classString {
			b.WriteString(p.take().text)
		}
		return &Const{p.span(from), b.String()}, nil
	case t.class == classInteger:
		p.take()
		return &Const{p.span(from), integer(t.text)}, nil
	case t.class == classFloat:
		p.take()
		return &Const{p.span(from), float(t.text)}, nil
	case t.is("("):
		return p.brackets()
	case t.is("["):
		return p.list(from)
	case t.is("{"):
		return p.dict(from)
	}
	return nil, p.unexpected("a value is missing")
}

func (p *parser) word(from Pos) Expr {
	t := p.take()
	if value, ok := constants[t.text]; ok {
		return &Const{p.span(from), value}
	}
	for _, uses := range p.uses {
		uses[t.text] = true
	}
	return &Name{p.span(from), t.text}
}

// brackets reads (a), or a tuple (a, b).
func (p *parser) brackets() (Expr, error) {
	p.take()
	x, err := p.tuple(true, true)
	if err != nil {
		return nil, err
	}
	return x, p.want(")", "after the value in brackets")
}

// tuple reads one value, or several with commas between them. Without conditions
// an `if` is not part of a value. Only in brackets there may be none.
func (p *parser) tuple(conditions, bracketed bool) (Expr, error) {
	from := p.from()
	read := (*parser).expression
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
		if !p.skip(",") {
			break
		}
		commas = true
	}
	switch {
	case len(items) == 1 && !commas:
		return items[0], nil
	case len(items) == 0 && !bracketed:
		return nil, p.unexpected("a value is missing")
	}
	return &Tuple{p.span(from), items}, nil
}

func (p *parser) endsTuple() bool {
	t := p.now()
	return t.class == classClose || t.class == classPrintEnd || t.is(")") || t.class == className && t.text == "recursive" && p.ahead().class == classClose
}

func (p *parser) list(from Pos) (Expr, error) {
	p.take()
	var items []Expr
	for !p.now().is("]") {
		x, err := p.expression()
		if err != nil {
			return nil, err
		}
		items = append(items, x)
		if !p.skip(",") && !p.now().is("]") {
			return nil, p.unexpected("a comma or ] is missing in the list")
		}
	}
	p.take()
	return &List{p.span(from), items}, nil
}

func (p *parser) dict(from Pos) (Expr, error) {
	p.take()
	var pairs []Pair
	for !p.now().is("}") {
		key, err := p.expression()
		if err != nil {
			return nil, err
		}
		if err := p.want(":", "after a key of the mapping"); err != nil {
			return nil, err
		}
		value, err := p.expression()
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, Pair{key, value})
		if !p.skip(",") && !p.now().is("}") {
			return nil, p.unexpected("a comma or } is missing in the mapping")
		}
	}
	p.take()
	return &Dict{p.span(from), pairs}, nil
}

// attribute reads .name, or .0, which is [0].
func (p *parser) attribute(from Pos, x Expr) (Expr, error) {
	p.take()
	at := p.from()
	t := p.now()
	switch t.class {
	case className:
		p.take()
		return &Attr{p.span(from), x, t.text}, nil
	case classInteger:
		p.take()
		return &Item{p.span(from), x, &Const{p.span(at), integer(t.text)}}, nil
	}
	return nil, p.unexpected("a name or number is missing after the dot")
}

// item reads [key], [a:b:c], or several with commas, which are a tuple.
func (p *parser) item(from Pos, x Expr) (Expr, error) {
	p.take()
	at := p.from()
	var keys []Expr
	for !p.now().is("]") {
		if len(keys) > 0 {
			if err := p.want(",", "in the brackets"); err != nil {
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
		p.take()
		return &Item{p.span(from), x, keys[0]}, nil
	}
	key := &Tuple{p.span(at), keys}
	p.take()
	return &Item{p.span(from), x, key}, nil
}

func (p *parser) key() (Expr, error) {
	from := p.from()
	s := &Slice{}
	if !p.now().is(":") {
		low, err := p.expression()
		if err != nil || !p.now().is(":") {
			return low, err
		}
		s.Low = low
	}
	for _, part := range []*Expr{&s.High, &s.Step} {
		if !p.skip(":") {
			break
		}
		if t := p.now(); t.is(":") || t.is("]") || t.is(",") {
			continue
		}
		x, err := p.expression()
		if err != nil {
			return nil, err
		}
		*part = x
	}
	s.Span = p.span(from)
	return s, nil
}

func (p *parser) call(from Pos, fn Expr) (Expr, error) {
	args, err := p.arguments()
	return &Call{p.span(from), fn, args}, err
}

// arguments reads (a, b, *c, d=e, **f).
func (p *parser) arguments() (Args, error) {
	var args Args
	p.take()
	for !p.now().is(")") {
		if err := p.argument(&args); err != nil {
			return args, err
		}
		if !p.skip(",") && !p.now().is(")") {
			return args, p.unexpected("a comma or ) is missing in the call")
		}
	}
	p.take()
	return args, nil
}

func (p *parser) argument(args *Args) error {
	from := p.from()
	var err error
	switch {
	case p.now().is("**"):
		if args.RestDict != nil {
			return p.unexpected("a call takes ** once")
		}
		p.take()
		args.RestDict, err = p.expression()
	case args.RestDict != nil:
		return p.unexpected("nothing follows a ** in a call")
	case p.now().is("*"):
		if args.Rest != nil {
			return p.unexpected("a call takes * once")
		}
		p.take()
		args.Rest, err = p.expression()
	case p.now().class == className && p.ahead().is("="):
		name := p.take().text
		p.take()
		if args.has(name) {
			return p.unexpected("the argument %s is there twice", name)
		}
		var value Expr
		value, err = p.expression()
		args.Named = append(args.Named, Named{p.span(from), name, value})
	case args.Rest != nil || len(args.Named) > 0:
		return p.unexpected("an argument without a name stands after one with a name or a *")
	default:
		var value Expr
		value, err = p.expression()
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
func (p *parser) dotted(of string) (string, error) {
	t, err := p.name(of)
	name := t.text
	for err == nil && p.skip(".") {
		t, err = p.name(of)
		name += "." + t.text
	}
	return name, err
}

// filter reads a filter after its |.
func (p *parser) filter(from Pos, x Expr) (*Filter, error) {
	name, err := p.dotted("the name of a filter")
	if err != nil {
		return nil, err
	}
	f := &Filter{X: x, Name: name}
	if p.now().is("(") {
		if f.Args, err = p.arguments(); err != nil {
			return nil, err
		}
	}
	f.Span = p.span(from)
	return f, nil
}

// test reads a test after its `is`.
func (p *parser) test(from Pos, x Expr) (Expr, error) {
	negated := p.skip("not")
	name, err := p.dotted("the name of a test")
	if err != nil {
		return nil, err
	}
	t := &Test{X: x, Name: name}
	switch {
	case p.now().is("("):
		t.Args, err = p.arguments()
	case p.now().is("is"):
		err = p.unexpected("tests cannot be chained: put the first in brackets, or write and")
	case p.startsOperand():
		var arg Expr
		at := p.from()
		if arg, err = p.primary(); err == nil {
			arg, err = p.postfix(at, arg)
		}
		t.Args.Pos = []Expr{arg}
	}
	if err != nil {
		return nil, err
	}
	t.Span = p.span(from)
	if negated {
		return &Unary{t.Span, "not", t}, nil
	}
	return t, nil
}

// startsOperand reports whether the value of a test may start here.
func (p *parser) startsOperand() bool {
	t := p.now()
	switch t.class {
	case className:
		return t.text != "else" && t.text != "or" && t.text != "and"
	case classString, classInteger, classFloat:
		return true
	}
	return t.is("(") || t.is("[") || t.is("{")
}
