package render

import (
	"path"
	"strings"

	"github.com/kpm-sh/kpm/internal/jinja"
	"github.com/kpm-sh/kpm/internal/jinja/expr"
	"github.com/kpm-sh/kpm/internal/python"
	"github.com/kpm-sh/kpm/internal/python/methods"
	"github.com/kpm-sh/kpm/internal/python/operator"
	"github.com/kpm-sh/kpm/internal/python/str"
)

// template reads a template, once. It refuses filters and tests that do not
// exist, also where they would never be reached.
func (m *machine) template(file string) (*jinja.Template, error) {
	if t := m.parsed[file]; t != nil {
		return t, nil
	}
	text, ok := m.lookup(file)
	if !ok {
		return nil, faultf("there is no template %q", file)
	}
	t, err := jinja.Parse(text, m.options)
	if err != nil {
		return nil, syntax(file, err)
	}
	if err := jinja.Walk(t, func(x expr.Expr) error { return locate(file, x.At(), known(x)) }); err != nil {
		return nil, err
	}
	m.parsed[file] = t
	return t, nil
}

// known refuses a filter or test that does not exist.
func known(x expr.Expr) error {
	switch x := x.(type) {
	case *expr.Filter:
		_, err := filterNamed(x.Name)
		return err
	case *expr.Test:
		_, err := testNamed(x.Name)
		return err
	}
	return nil
}

// resolve is the path of a template that is named in another: they are in the
// same folder.
func (m *machine) resolve(name string) string {
	return path.Join(path.Dir(m.main), name)
}

// find gives the path of the template that v names: a text, or a list of which
// the first that is there counts. It is "" when there is none.
func (m *machine) find(v any) (string, error) {
	if err := python.Use(v); err != nil {
		return "", err
	}
	names := []any{v}
	if !python.IsText(v) {
		var err error
		if names, err = operator.Items(v); err != nil {
			return "", err
		}
	}
	for _, name := range names {
		text, err := methods.TextArg("the name of a template", name, "")
		if err != nil {
			return "", err
		}
		file := m.resolve(text)
		if _, ok := m.lookup(file); ok {
			return file, nil
		}
	}
	return "", nil
}

// exists is find for a template that has to be there.
func (m *machine) exists(v any) (string, error) {
	file, err := m.find(v)
	if err != nil || file != "" {
		return file, err
	}
	name, err := str.Repr(v)
	if err != nil {
		return "", err
	}
	hint := ""
	if text, ok := python.Text(v); ok && strings.HasPrefix(text, "/") || strings.Contains(text, "..") {
		hint = ": templates lie in one folder"
	}
	return "", faultf("there is no template %s%s", name, hint)
}
