package render

import (
	"io"
	"path"

	"github.com/nikolalohinski/gonja/v2/exec"
	"github.com/nikolalohinski/gonja/v2/nodes"
	"github.com/nikolalohinski/gonja/v2/parser"
	"github.com/nikolalohinski/gonja/v2/tokens"
)

// file evaluates the name of a template: a text, or a list of which the first
// that is there counts. It is "" when there is none and missing is fine.
func (m *machine) file(r *exec.Renderer, n nodes.Expression, missing bool) (string, error) {
	v, err := m.used(r, n)
	if err != nil {
		return "", err
	}
	names := []*exec.Value{v}
	if v.IsList() {
		names, _ = itemsOf(v)
	}
	for _, name := range names {
		if file := m.resolve(str(name)); name.IsString() {
			if _, ok := m.lookup(file); ok {
				return file, nil
			}
		}
	}
	if missing {
		return "", nil
	}
	return "", faultf("there is no template %s", repr(v))
}

// resolve is the path of a template that is named in another: they are in the
// same folder.
func (m *machine) resolve(name string) string {
	return path.Join(path.Dir(m.main), name)
}

// context reads `with context` or `without context`.
func readContext(args *parser.Parser, with bool) bool {
	if word := args.CurrentName("with", "without"); word != nil && args.Peek(tokens.Name) != nil && args.Peek(tokens.Name).Val == "context" {
		args.Consume()
		args.Consume()
		return word.Val == "with"
	}
	return with
}

// scope is what a template that r includes or imports sees.
func (m *machine) scope(r *exec.Renderer, with bool) *exec.Context {
	if with {
		return r.Environment.Context.Inherit()
	}
	bare := exec.EmptyContext()
	for name, value := range m.base {
		bare.Set(name, value)
	}
	return bare
}

// includeTag is {% include name %}.
type includeTag struct {
	spot
	name    nodes.Expression
	missing bool
	with    bool
}

func readInclude(m *machine, at spot, _, args *parser.Parser) (nodes.ControlStructure, error) {
	name, err := m.single(args)
	if err != nil {
		return nil, err
	}
	t := &includeTag{spot: at, name: name}
	if args.MatchName("ignore") != nil {
		if args.MatchName("missing") == nil {
			return nil, faultf("ignore needs missing after it")
		}
		t.missing = true
	}
	t.with = readContext(args, true)
	return t, end(args)
}

func (t *includeTag) run(m *machine, r *exec.Renderer) error {
	file, err := m.file(r, t.name, t.missing)
	if err != nil || file == "" {
		return err
	}
	return m.run(file, m.scope(r, t.with), r.Output)
}

// importTag is {% import name as alias %} or {% from name import words %}.
type importTag struct {
	spot
	name  nodes.Expression
	as    string            // of import
	words map[string]string // of from: the name here, and there
	with  bool
}

func readImport(m *machine, at spot, _, args *parser.Parser) (nodes.ControlStructure, error) {
	name, err := m.single(args)
	if err != nil {
		return nil, err
	}
	if args.MatchName("as") == nil {
		return nil, faultf("import needs an as with a name")
	}
	as, err := readPart(args)
	if err != nil {
		return nil, err
	}
	return &importTag{spot: at, name: name, as: as.name, with: readContext(args, false)}, end(args)
}

func readFrom(m *machine, at spot, _, args *parser.Parser) (nodes.ControlStructure, error) {
	name, err := m.single(args)
	if err != nil {
		return nil, err
	}
	if args.MatchName("import") == nil {
		return nil, faultf("from needs an import")
	}
	t := &importTag{spot: at, name: name, words: map[string]string{}}
	for {
		there, err := readPart(args)
		if err != nil {
			return nil, err
		}
		here := there
		if args.MatchName("as") != nil {
			if here, err = readPart(args); err != nil {
				return nil, err
			}
		}
		t.words[here.name] = there.name
		if args.Match(tokens.Comma) == nil {
			break
		}
		if args.CurrentName("with", "without") != nil {
			break
		}
	}
	t.with = readContext(args, false)
	return t, end(args)
}

func (t *importTag) run(m *machine, r *exec.Renderer) error {
	file, err := m.file(r, t.name, false)
	if err != nil {
		return err
	}
	scope := m.scope(r, t.with)
	if err := m.run(file, scope, io.Discard); err != nil {
		return err
	}
	exports := map[string]any{}
	for _, name := range m.sources[file].names {
		if v, ok := scope.Get(name); ok {
			exports[name] = v
		}
	}
	if t.as != "" {
		r.Environment.Context.Set(t.as, exports)
		return nil
	}
	for here, there := range t.words {
		v, ok := exports[there]
		if !ok {
			v = &undefined{what: there, name: there, at: m.at}
		}
		r.Environment.Context.Set(here, v)
	}
	return nil
}

// extendsTag is {% extends 'name' %}. Only a name in quotes can be read: the
// engine needs the parent while it parses.
type extendsTag struct{ spot }

func readExtends(m *machine, at spot, p, args *parser.Parser) (nodes.ControlStructure, error) {
	if p.Template.Parent != nil {
		return nil, faultf("a template extends only one other")
	}
	name := args.Match(tokens.String)
	if name == nil || !args.End() {
		return nil, faultf("extends needs the name of a template in quotes")
	}
	file := m.resolve(m.literal(name))
	for _, reading := range m.parents {
		if reading == file {
			return nil, faultf("%q extends itself", file)
		}
	}
	if _, err := m.source(file); err != nil {
		return nil, err
	}
	m.parents = append(m.parents, p.Template.Identifier)
	defer func() { m.parents = m.parents[:len(m.parents)-1] }()
	m.at = place{file: file}
	parent, err := p.Extend(file)
	if err == nil {
		err = m.adopt(file, parent.Nodes)
	}
	if err != nil {
		return nil, m.locate(err)
	}
	m.at = at.place()
	p.Template.Parent = parent
	return &extendsTag{at}, nil
}

func (t *extendsTag) run(*machine, *exec.Renderer) error { return nil }
