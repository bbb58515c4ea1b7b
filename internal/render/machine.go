package render

import (
	"io"
	"slices"
	"strings"

	"github.com/nikolalohinski/gonja/v2/builtins"
	"github.com/nikolalohinski/gonja/v2/config"
	"github.com/nikolalohinski/gonja/v2/exec"
	"github.com/nikolalohinski/gonja/v2/loaders"
	"github.com/nikolalohinski/gonja/v2/nodes"
	"github.com/nikolalohinski/gonja/v2/tokens"
)

// machine renders one template and those that it includes, imports or extends.
// gonja reads the text and gives a tree; the machine walks the tree, because
// only so can it name the place of a fault, stop, and count what is used.
type machine struct {
	main                   string                      // path of the template that is asked for
	stopped                func() error                // says why rendering has to end
	lookup                 func(string) (string, bool) // text of a template, by its path
	strict                 bool                        // an undefined variable is an error
	config                 *config.Config              // of gonja
	env                    *exec.Environment           // filters, tests and tags
	base                   map[string]any              // what also a template sees that is imported without context
	globals                []string                    // names that every template knows
	filterNames, testNames []string                    // sorted
	testTable              map[string]test
	sources                map[string]*source        // what was read so far
	parsed                 map[string]*exec.Template // what was parsed so far
	reading                []string                  // templates that are being run
	parents                []string                  // templates that extend the one being parsed
	at                     place                     // what is being done
	depth                  int                       // macros, includes and loops inside each other
	written                int                       // bytes printed so far, also into variables
	*budget                                          // what may still be done, shared with other templates
}

// place is a token of a file. The line of a fault comes from it.
type place struct {
	file  string
	token *tokens.Token
}

func newMachine(stopped func() error, lookup func(string) (string, bool), values Values, strict bool) *machine {
	m := &machine{
		stopped: stopped, lookup: lookup, strict: strict, config: config.New(),
		sources: map[string]*source{}, parsed: map[string]*exec.Template{},
	}
	m.base = functions()
	known := exec.EmptyContext()
	for name, value := range m.base {
		known.Set(name, value)
		m.globals = append(m.globals, name)
	}
	for name, value := range values {
		known.Set(name, own(value))
		m.globals = append(m.globals, name)
	}
	slices.Sort(m.globals)
	m.env = &exec.Environment{
		Context: known,
		Filters: m.filters(), Tests: m.tests(), Methods: builtins.Methods,
		ControlStructures: exec.NewControlStructureSet(m.tagParsers()),
	}
	return m
}

// source reads a template, once.
func (m *machine) source(file string) (*source, error) {
	if s := m.sources[file]; s != nil {
		return s, nil
	}
	text, ok := m.lookup(file)
	if !ok {
		return nil, faultf("there is no template %q", file)
	}
	s, err := newSource(file, text)
	if err != nil {
		return nil, err
	}
	m.sources[file] = s
	return s, nil
}

// template parses a template, once, and adopts its tree.
func (m *machine) template(file string) (*exec.Template, error) {
	if t := m.parsed[file]; t != nil {
		return t, nil
	}
	if _, err := m.source(file); err != nil {
		return nil, err
	}
	saved := m.at
	m.at = place{file: file}
	t, err := exec.NewTemplate(file, m.config, loader{m}, m.env)
	if err != nil {
		return nil, m.locate(err)
	}
	root := t.Root()
	if err := m.adopt(file, root.Nodes); err != nil {
		return nil, m.locate(err)
	}
	m.at = saved
	m.parsed[file] = t
	return t, nil
}

// loader hands gonja the prepared text of templates.
type loader struct{ m *machine }

func (l loader) Resolve(file string) (string, error)    { return file, nil }
func (l loader) Inherit(string) (loaders.Loader, error) { return l, nil }
func (l loader) Read(file string) (io.Reader, error) {
	s, err := l.m.source(file)
	if err != nil {
		return nil, err
	}
	return strings.NewReader(s.ready), nil
}

// run renders a template into out. scope holds the variables that it sees.
func (m *machine) run(file string, scope *exec.Context, out io.Writer) error {
	for _, name := range m.reading {
		if name == file {
			return faultf("%q includes itself (%s)", file, strings.Join(append(m.reading, file), ", "))
		}
	}
	m.reading = append(m.reading, file)
	saved := m.at
	defer func() { m.reading = m.reading[:len(m.reading)-1] }()
	t, err := m.template(file)
	if err != nil {
		return err
	}
	if err := m.enter(); err != nil {
		return err
	}
	defer m.leave()
	env := *m.env
	env.Context = scope
	r := exec.NewRenderer(&env, &meter{m, out}, m.config, loader{m}, t)
	scope.Set("self", self{m, r})
	if err := m.document(r); err != nil {
		return m.locate(err)
	}
	m.at = saved
	return nil
}

// document runs the template of r. A template that extends another defines its
// variables and macros, then the outermost parent is printed.
func (m *machine) document(r *exec.Renderer) error {
	root := r.RootNode
	for ; root.Parent != nil; root = root.Parent {
		if err := m.walk(r, beforeParent(root.Nodes)); err != nil {
			return err
		}
	}
	return m.walk(r, root.Nodes)
}

// beforeParent are the nodes of a template that count before its parent: all
// that stand before its extends, and then the tags that print nothing.
func beforeParent(list []nodes.Node) []nodes.Node {
	var out []nodes.Node
	extended := false
	for _, n := range list {
		block, ok := n.(*nodes.ControlStructureBlock)
		if !extended {
			out = append(out, n)
		}
		if !ok {
			continue
		}
		switch block.ControlStructure.(type) {
		case *extendsTag:
			extended = true
		case *setTag, *macroTag, *importTag:
			if extended {
				out = append(out, n)
			}
		}
	}
	return out
}

// walk runs nodes in order, in the scope of r.
func (m *machine) walk(r *exec.Renderer, list []nodes.Node) error {
	for _, n := range list {
		if err := m.step(); err != nil {
			return err
		}
		block, ok := n.(*nodes.ControlStructureBlock)
		if !ok {
			if _, err := r.Visit(n); err != nil {
				return err
			}
			continue
		}
		t, ok := block.ControlStructure.(runner)
		if !ok {
			continue
		}
		m.at = t.place()
		if err := t.run(m, r); err != nil {
			return m.locate(err)
		}
	}
	return nil
}

// runner is a tag of ours.
type runner interface {
	place() place
	run(*machine, *exec.Renderer) error
}

// capture gives what body prints in the scope of r.
func (m *machine) capture(r *exec.Renderer, body *nodes.Wrapper) (string, error) {
	var out strings.Builder
	sub := r.Inherit()
	sub.Output = &meter{m, &out}
	if err := m.walk(sub, body.Nodes); err != nil {
		return "", err
	}
	return out.String(), nil
}

// step counts what is done, and says why it is enough.
func (m *machine) step() error {
	if err := m.budget.step(); err != nil {
		return err
	}
	return m.stopped()
}

// enter counts what is inside what, so that the stack has an end.
func (m *machine) enter() error {
	if m.depth >= MaxNesting {
		return faultf("macros, includes and loops nest more than %d deep", MaxNesting)
	}
	m.depth++
	return nil
}

func (m *machine) leave() { m.depth-- }

// meter bounds what is printed.
type meter struct {
	m   *machine
	out io.Writer
}

func (w *meter) Write(data []byte) (int, error) {
	if w.m.written += len(data); w.m.written > MaxOutput {
		return 0, faultf("it prints more than %d bytes", MaxOutput)
	}
	if err := w.m.print(len(data)); err != nil {
		return 0, err
	}
	return w.out.Write(data)
}
