package expr

import (
	"slices"

	"github.com/kpm-sh/kpm/internal/jinja/token"
)

// Parser reads expressions.
type Parser struct {
	*token.Cursor
	Uses []map[string]bool // names that the macros and loops around it read
}

// Expression reads one value, with its conditions.
func (p *Parser) Expression() (Expr, error) {
	if err := p.Enter(); err != nil {
		return nil, err
	}
	defer p.Leave()
	from := p.From()
	value, err := or(p)
	for err == nil && p.Skip("if") {
		value, err = p.condition(from, value)
	}
	return value, err
}

// condition reads what stands after the if of `then if test else other`.
func (p *Parser) condition(from token.Pos, then Expr) (Expr, error) {
	test, err := or(p)
	if err != nil {
		return nil, err
	}
	c := &Cond{Then: then, Test: test}
	if p.Skip("else") {
		if c.Else, err = p.Expression(); err != nil {
			return nil, err
		}
	}
	c.Span = p.Span(from)
	return c, nil
}

// chain reads operators of the same strength, from left to right.
func (p *Parser) chain(operand func(*Parser) (Expr, error), operators ...string) (Expr, error) {
	from := p.From()
	left, err := operand(p)
	for err == nil && p.AtAny(operators) {
		op := p.Next().Text
		var right Expr
		if right, err = operand(p); err == nil {
			left = &Binary{p.Span(from), op, left, right}
		}
	}
	return left, err
}

// AtAny tells whether the parser stands at one of the words.
func (p *Parser) AtAny(words []string) bool { return slices.ContainsFunc(words, p.Now().Is) }

func or(p *Parser) (Expr, error)  { return p.chain(and, "or") }
func and(p *Parser) (Expr, error) { return p.chain(not, "and") }

func not(p *Parser) (Expr, error) {
	from := p.From()
	if !p.Skip("not") {
		return compare(p)
	}
	if err := p.Enter(); err != nil {
		return nil, err
	}
	defer p.Leave()
	x, err := not(p)
	if err != nil {
		return nil, err
	}
	return &Unary{p.Span(from), "not", x}, nil
}

var comparisons = []string{"==", "!=", "<", "<=", ">", ">=", "in"}

func compare(p *Parser) (Expr, error) {
	from := p.From()
	x, err := sum(p)
	if err != nil {
		return nil, err
	}
	var rest []Operand
	for {
		op := p.Now().Text
		switch {
		case p.AtAny(comparisons):
			p.Next()
		case p.Now().Is("not") && p.Ahead().Is("in"):
			op = "not in"
			p.Next()
			p.Next()
		case rest == nil:
			return x, nil
		default:
			return &Compare{p.Span(from), x, rest}, nil
		}
		y, err := sum(p)
		if err != nil {
			return nil, err
		}
		rest = append(rest, Operand{op, y})
	}
}

func sum(p *Parser) (Expr, error) { return p.chain(concat, "+", "-") }

func concat(p *Parser) (Expr, error) {
	from := p.From()
	first, err := product(p)
	if err != nil || !p.Now().Is("~") {
		return first, err
	}
	items := []Expr{first}
	for p.Skip("~") {
		next, err := product(p)
		if err != nil {
			return nil, err
		}
		items = append(items, next)
	}
	return &Concat{p.Span(from), items}, nil
}

func product(p *Parser) (Expr, error) { return p.chain(power, "*", "/", "//", "%") }
func power(p *Parser) (Expr, error)   { return p.chain((*Parser).filtered, "**") }

// filtered reads a value with its sign, filters and tests.
func (p *Parser) filtered() (Expr, error) {
	from := p.From()
	x, err := p.signed()
	for err == nil {
		switch {
		case p.Now().Is("|"):
			p.Next()
			x, err = p.Filter(from, x)
		case p.Now().Class == token.ClassName && p.Now().Text == "is":
			p.Next()
			x, err = p.test(from, x)
		case p.Now().Is("("):
			x, err = p.call(from, x)
		default:
			return x, nil
		}
	}
	return nil, err
}

// signed reads a value with its sign, and what is asked of both.
func (p *Parser) signed() (Expr, error) {
	from := p.From()
	if !p.Now().Is("-") && !p.Now().Is("+") {
		x, err := p.primary()
		if err != nil {
			return nil, err
		}
		return p.postfix(from, x)
	}
	op := p.Next().Text
	if err := p.Enter(); err != nil {
		return nil, err
	}
	defer p.Leave()
	x, err := p.signed()
	if err != nil {
		return nil, err
	}
	return p.postfix(from, &Unary{p.Span(from), op, x})
}

// postfix reads the keys and calls after a value.
func (p *Parser) postfix(from token.Pos, x Expr) (Expr, error) {
	var err error
	for err == nil {
		switch {
		case p.Now().Is("."):
			x, err = p.attribute(from, x)
		case p.Now().Is("["):
			x, err = p.item(from, x)
		case p.Now().Is("("):
			x, err = p.call(from, x)
		default:
			return x, nil
		}
	}
	return nil, err
}
