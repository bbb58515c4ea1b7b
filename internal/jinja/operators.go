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
	value, err := p.or()
	for err == nil && p.skip("if") {
		value, err = p.condition(from, value)
	}
	return value, err
}

// condition reads what stands after the if of `then if test else other`.
func (p *parser) condition(from Pos, then Expr) (Expr, error) {
	test, err := p.or()
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
func (p *parser) chain(operand func() (Expr, error), operators ...string) (Expr, error) {
	from := p.from()
	left, err := operand()
	for err == nil && p.atAny(operators) {
		op := p.take().text
		var right Expr
		if right, err = operand(); err == nil {
			left = &Binary{p.span(from), op, left, right}
		}
	}
	return left, err
}

func (p *parser) atAny(words []string) bool { return slices.ContainsFunc(words, p.now().is) }

func (p *parser) or() (Expr, error)  { return p.chain(p.and, "or") }
func (p *parser) and() (Expr, error) { return p.chain(p.not, "and") }

func (p *parser) not() (Expr, error) {
	from := p.from()
	if !p.skip("not") {
		return p.compare()
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	x, err := p.not()
	if err != nil {
		return nil, err
	}
	return &Unary{p.span(from), "not", x}, nil
}

var comparisons = []string{"==", "!=", "<", "<=", ">", ">=", "in"}

func (p *parser) compare() (Expr, error) {
	from := p.from()
	x, err := p.sum()
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
		y, err := p.sum()
		if err != nil {
			return nil, err
		}
		rest = append(rest, Operand{op, y})
	}
}

func (p *parser) sum() (Expr, error) { return p.chain(p.concat, "+", "-") }

func (p *parser) concat() (Expr, error) {
	from := p.from()
	first, err := p.product()
	if err != nil || !p.now().is("~") {
		return first, err
	}
	items := []Expr{first}
	for p.skip("~") {
		next, err := p.product()
		if err != nil {
			return nil, err
		}
		items = append(items, next)
	}
	return &Concat{p.span(from), items}, nil
}

func (p *parser) product() (Expr, error) { return p.chain(p.power, "*", "/", "//", "%") }
func (p *parser) power() (Expr, error)   { return p.chain(p.filtered, "**") }

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
