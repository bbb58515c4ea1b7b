// Package render makes manifests of the templates of a Kube.
//
// # Templates
//
// A template is a Jinja template; x.yaml.tmpl gives x.yaml. Package jinja reads
// it, package python has the values, and its tree is run here. It prints what
// Jinja 3.1 prints with StrictUndefined and the default options; docs/templates.md
// lists the differences that are wanted, and the filters that are there besides
// Jinja's. Options.Lenient makes what is not there empty. include, import and
// extends see the templates of the same folder, and nothing else.
//
// # Bounds
//
// The constants of limits.go bound size, nesting, output, the number of steps and
// time; macros, includes and loops may call themselves within these. A panic
// becomes an error.
//
// # Values
//
// Values come in layers (Defaults, ParseValues, ParseSet) that Merge lays over
// each other. Files are read as Kubernetes reads YAML, by yamlnode.Word; Resolve gives a
// word of --set the kind of the value that it replaces. docs/values.md is the rule,
// and its table a test. Validate holds them against values.schema.json and says which file
// and line, or which flag, set what is wrong.
//
// The package opens no file and knows neither network nor clock: a deadline comes
// with the context, and WithBudget adds one.
package render
