package jinja

import "slices"

// parser reads expressions.
type parser struct {
	*cursor
	uses []map[string]bool // names that the macros and loops around it read
}

// expression reads one value, with its conditions.
func (p *parser) expression() (Expr, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	from := p.from()
	value, err := or(p)
	for err == nil && p.skip("if") {
		value, err = p.condition(from, value)
	}
	return value, err
}

// condition reads what stands after the if of `then if test else other`.
func (p *parser) condition(from Pos, then Expr) (Expr, error) {
	test, err := or(p)
	if err != nil {
		return nil, err
	}
	c := &Cond{Then: then, Test: test}
	if p.skip("else") {
		if c.Else, err = p.expression(); err != nil {
			return nil, err
		}
	}
	c.Span = p.span(from)
	return c, nil
}

// chain reads operators of the same strength, from left to right.
func (p *parser) chain(operand func(*parser) (Expr, error), operators ...string) (Expr, error) {
	from := p.from()
	left, err := operand(p)
	for err == nil && p.atAny(operators) {
		op := p.take().text
		var right Expr
		if right, err = operand(p); err == nil {
			left = &Binary{p.span(from), op, left, right}
		}
	}
	return left, err
}

func (p *parser) atAny(words []string) bool { return slices.ContainsFunc(words, p.now().is) }

func or(p *parser) (Expr, error)  { return p.chain(and, "or") }
func and(p *parser) (Expr, error) { return p.chain(not, "and") }

func not(p *parser) (Expr, error) {
	from := p.from()
	if !p.skip("not") {
		return compare(p)
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	x, err := not(p)
	if err != nil {
		return nil, err
	}
	return &Unary{p.span(from), "not", x}, nil
}

var comparisons = []string{"==", "!=", "<", "<=", ">", ">=", "in"}

func compare(p *parser) (Expr, error) {
	from := p.from()
	x, err := sum(p)
	if err != nil {
		return nil, err
	}
	var rest []Operand
	for {
		op := p.now().text
		switch {
		case p.atAny(comparisons):
			p.take()
		case p.now().is("not") && p.ahead().is("in"):
			op = "not in"
			p.take()
			p.take()
		case rest == nil:
			return x, nil
		default:
			return &Compare{p.span(from), x, rest}, nil
		}
		y, err := sum(p)
		if err != nil {
			return nil, err
		}
		rest = append(rest, Operand{op, y})
	}
}

func sum(p *parser) (Expr, error) { return p.chain(concat, "+", "-") }

func concat(p *parser) (Expr, error) {
	from := p.from()
	first, err := product(p)
	if err != nil || !p.now().is("~") {
		return first, err
	}
	items := []Expr{first}
	for p.skip("~") {
		next, err := product(p)
		if err != nil {
			return nil, err
		}
		items = append(items, next)
	}
	return &Concat{p.span(from), items}, nil
}

func product(p *parser) (Expr, error) { return p.chain(power, "*", "/", "//", "%") }
func power(p *parser) (Expr, error)   { return p.chain((*parser).filtered, "**") }

// filtered reads a value with its sign, filters and tests.
func (p *parser) filtered() (Expr, error) {
	from := p.from()
	x, err := p.signed()
	for err == nil {
		switch {
		case p.now().is("|"):
			p.take()
			x, err = p.filter(from, x)
		case p.now().class == className && p.now().text == "is":
			p.take()
			x, err = p.test(from, x)
		case p.now().is("("):
			x, err = p.call(from, x)
		default:
			return x, nil
		}
	}
	return nil, err
}

// signed reads a value with its sign, and what is asked of both.
func (p *parser) signed() (Expr, error) {
	from := p.from()
	if !p.now().is("-") && !p.now().is("+") {
		x, err := p.primary()
		if err != nil {
			return nil, err
		}
		return p.postfix(from, x)
	}
	op := p.take().text
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	x, err := p.signed()
	if err != nil {
		return nil, err
	}
	return p.postfix(from, &Unary{p.span(from), op, x})
}

// postfix reads the keys and calls after a value.
func (p *parser) postfix(from Pos, x Expr) (Expr, error) {
	var err error
	for err == nil {
		switch {
		case p.now().is("."):
			x, err = p.attribute(from, x)
		case p.now().is("["):
			x, err = p.item(from, x)
		case p.now().is("("):
			x, err = p.call(from, x)
		default:
			return x, nil
		}
	}
	return nil, err
}
