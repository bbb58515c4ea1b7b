package render

import (
	"io"

	"github.com/nikolalohinski/gonja/v2/exec"
	"github.com/nikolalohinski/gonja/v2/nodes"
	"github.com/nikolalohinski/gonja/v2/parser"
	"github.com/nikolalohinski/gonja/v2/tokens"
)

// spot is where a tag is; every tag has one.
type spot struct {
	file  string
	token *tokens.Token
}

// Position is the token that the tag starts with.
func (s spot) Position() *tokens.Token { return s.token }
func (s spot) String() string          { return s.file }
func (s spot) place() place            { return place(s) }

// tagReader reads the arguments of a tag, and what it holds from p.
type tagReader func(m *machine, at spot, p, args *parser.Parser) (nodes.ControlStructure, error)

// tagParsers are the tags, in the form that gonja's parser wants.
func (m *machine) tagParsers() map[string]parser.ControlStructureParser {
	readers := map[string]tagReader{
		"if": readIf, "for": readFor, "set": readSet, "with": readWith, "macro": readMacro, "call": readCall,
		"filter": readFilter, "block": readBlock, "raw": readRaw, "autoescape": readAutoescape, "do": readDo,
		"include": readInclude, "import": readImport, "from": readFrom, "extends": readExtends,
		"break": readLeap("break"), "continue": readLeap("continue"),
	}
	parsers := make(map[string]parser.ControlStructureParser, len(readers))
	for name, read := range readers {
		parsers[name] = func(p, args *parser.Parser) (nodes.ControlStructure, error) {
			at := spot{p.Template.Identifier, args.Current()}
			if at.token.Pos == 0 {
				at.token = p.Current()
			}
			m.at = at.place()
			t, err := read(m, at, p, args)
			if err != nil {
				return nil, m.locate(err)
			}
			return t, nil
		}
	}
	return parsers
}

// expression reads an expression with what may follow it: `if … else …`, and
// commas that make a tuple of it.
func (m *machine) expression(args *parser.Parser) (nodes.Expression, error) {
	first, err := m.single(args)
	if err != nil || args.Current(tokens.Comma) == nil {
		return first, err
	}
	t := &nodes.Tuple{Location: args.Current(), Val: []nodes.Expression{first}}
	for args.Match(tokens.Comma) != nil && !args.End() {
		next, err := m.single(args)
		if err != nil {
			return nil, err
		}
		t.Val = append(t.Val, next)
	}
	return t, nil
}

func (m *machine) single(args *parser.Parser) (nodes.Expression, error) {
	if args.End() {
		return nil, faultf("a value is missing")
	}
	value, err := args.ParseExpression()
	if err != nil {
		return nil, err
	}
	condition, other, err := args.ParseCondition()
	if err != nil {
		return nil, err
	}
	if condition != nil {
		value = &choice{value, condition, other}
	}
	return value, m.check(value)
}

// end refuses what is left over in a tag.
func end(args *parser.Parser) error {
	if args.End() {
		return nil
	}
	return faultf("unexpected %q", args.Current().Val)
}

// printTag is {{ value }}.
type printTag struct {
	spot
	value nodes.Expression
}

func (t *printTag) run(m *machine, r *exec.Renderer) error {
	v, err := m.used(r, t.value)
	if err != nil {
		return err
	}
	text := str(v)
	if r.Config.AutoEscape && !v.Safe {
		text = exec.AsValue(text).Escaped()
	}
	_, err = io.WriteString(r.Output, text)
	return err
}

// rawTag is {% raw %}: text that only looks like tags.
type rawTag struct {
	spot
	body *nodes.Wrapper
}

func readRaw(m *machine, at spot, p, args *parser.Parser) (nodes.ControlStructure, error) {
	body, _, err := m.body(p, "endraw")
	if err != nil {
		return nil, err
	}
	return &rawTag{at, body}, end(args)
}

func (t *rawTag) run(m *machine, r *exec.Renderer) error { return m.walk(r, t.body.Nodes) }

// ifTag is {% if %} with its elif and else.
type ifTag struct {
	spot
	conditions []nodes.Expression
	bodies     []*nodes.Wrapper
}

func readIf(m *machine, at spot, p, args *parser.Parser) (nodes.ControlStructure, error) {
	t := &ifTag{spot: at}
	for {
		condition, err := m.expression(args)
		if err != nil {
			return nil, err
		}
		if err := end(args); err != nil {
			return nil, err
		}
		t.conditions = append(t.conditions, condition)
		body, next, err := m.body(p, "elif", "else", "endif")
		if err != nil {
			return nil, err
		}
		t.bodies = append(t.bodies, body)
		if body.EndTag == "elif" {
			args = next
			continue
		}
		if body.EndTag == "else" {
			if body, next, err = m.body(p, "endif"); err != nil {
				return nil, err
			}
			t.bodies = append(t.bodies, body)
		}
		return t, end(next)
	}
}

func (t *ifTag) run(m *machine, r *exec.Renderer) error {
	for i, condition := range t.conditions {
		yes, err := m.truth(r, condition)
		if err != nil {
			return err
		}
		if yes {
			return m.walk(r, t.bodies[i].Nodes)
		}
	}
	if len(t.bodies) > len(t.conditions) {
		return m.walk(r, t.bodies[len(t.bodies)-1].Nodes)
	}
	return nil
}

// doTag is {% do value %}: a value for what it does.
type doTag struct {
	spot
	value nodes.Expression
}

func readDo(m *machine, at spot, _, args *parser.Parser) (nodes.ControlStructure, error) {
	value, err := m.expression(args)
	if err != nil {
		return nil, err
	}
	return &doTag{at, value}, end(args)
}

func (t *doTag) run(m *machine, r *exec.Renderer) error {
	_, err := m.used(r, t.value) //nolint:errcheck // the value is not wanted
	return err
}

// leapTag is {% break %} or {% continue %}.
type leapTag struct {
	spot
	leap leap
}

func readLeap(word leap) tagReader {
	return func(_ *machine, at spot, _, args *parser.Parser) (nodes.ControlStructure, error) {
		return &leapTag{at, word}, end(args)
	}
}

func (t *leapTag) run(*machine, *exec.Renderer) error { return t.leap }
