package render

import (
	"strings"

	"github.com/nikolalohinski/gonja/v2/exec"
	"github.com/nikolalohinski/gonja/v2/nodes"
	"github.com/nikolalohinski/gonja/v2/parser"
	"github.com/nikolalohinski/gonja/v2/tokens"
)

// blockTag is {% block name %}: what a template that extends this one may
// replace.
type blockTag struct {
	spot
	name     string
	scoped   bool // sees the variables of the loop around it
	required bool
}

func readBlock(m *machine, at spot, p, args *parser.Parser) (nodes.ControlStructure, error) {
	name, err := readPart(args)
	if err != nil {
		return nil, err
	}
	t := &blockTag{spot: at, name: name.name}
	for word := args.MatchName("scoped", "required"); word != nil; word = args.MatchName("scoped", "required") {
		t.required = t.required || word.Val == "required"
		t.scoped = t.scoped || word.Val == "scoped"
	}
	if err := end(args); err != nil {
		return nil, err
	}
	if p.Template.Blocks.Exists(t.name) {
		return nil, faultf("block %q is there twice", t.name)
	}
	body, rest, err := m.body(p, "endblock")
	if err != nil {
		return nil, err
	}
	if word := rest.Match(tokens.Name); word != nil && word.Val != t.name {
		return nil, faultf("endblock %s ends block %s", word.Val, t.name)
	}
	if t.required && !isBlank(body) {
		return nil, faultf("block %q is required, so it has to be empty", t.name)
	}
	if err := p.Template.Blocks.Register(t.name, body); err != nil {
		return nil, err
	}
	return t, end(rest)
}

func isBlank(body *nodes.Wrapper) bool {
	for _, n := range body.Nodes {
		switch n := n.(type) {
		case *nodes.Comment:
		case *nodes.Data:
			if strings.TrimSpace(n.Data.Val) != "" {
				return false
			}
		default:
			return false
		}
	}
	return true
}

func (t *blockTag) run(m *machine, r *exec.Renderer) error {
	versions := r.RootNode.GetBlocks(t.name)
	if t.required && len(versions) == 1 {
		return faultf("block %q is required, and nothing fills it", t.name)
	}
	if top, ok := r.Environment.Context.Get("self"); ok && !t.scoped {
		if top, ok := top.(self); ok {
			output := r.Output
			r = top.r.Inherit()
			r.Output = output
		}
	}
	return m.block(r, t.name, versions)
}

// block prints the first of versions; super() in it prints the next. They come
// from the template that extends to the one that is extended.
func (m *machine) block(r *exec.Renderer, name string, versions []*nodes.Wrapper) error {
	if len(versions) == 0 {
		return faultf("there is no block %q", name)
	}
	sub := r.Inherit()
	sub.Environment.Context.Set("super", function(func(*exec.VarArgs) (*exec.Value, error) {
		if len(versions) == 1 {
			return nil, faultf("block %q has no super()", name)
		}
		return m.printed(r, name, versions[1:])
	}))
	if err := m.enter(); err != nil {
		return err
	}
	defer m.leave()
	return m.walk(sub, versions[0].Nodes)
}

func (m *machine) printed(r *exec.Renderer, name string, versions []*nodes.Wrapper) (*exec.Value, error) {
	var out strings.Builder
	sub := r.Inherit()
	sub.Output = &meter{m, &out}
	saved := m.at
	if err := m.block(sub, name, versions); err != nil {
		return nil, err
	}
	m.at = saved
	return exec.AsSafeValue(out.String()), nil
}

// self is the variable of that name: its keys print the template's blocks.
type self struct {
	m *machine
	r *exec.Renderer
}

// GetAttribute gives a block as a function.
func (s self) GetAttribute(name string) (*exec.Value, bool) {
	versions := s.r.RootNode.GetBlocks(name)
	if len(versions) == 0 {
		return nil, false
	}
	return exec.AsValue(function(func(*exec.VarArgs) (*exec.Value, error) {
		return s.m.printed(s.r, name, versions)
	})), true
}
