// Package render makes manifests of the templates of a Kube.
//
// # Templates
//
// A template is a Jinja template; x.yaml.tmpl gives x.yaml. Package jinja reads
// it, package python has the values, and its tree is run here. It prints what
// Jinja 3.1 prints with StrictUndefined and the default options, with these
// differences, which are wanted. TestGenerated knows each by its name:
//
//   - pairs: a loop with two names over a mapping walks its pairs. Mappings that
//     come from values are sorted, those that a template writes keep its order.
//   - undefined: a variable or key that is not there is an error wherever it is
//     used, with file, line and the nearest name, also in a list that is printed
//     and under tests; not under the filters default and required and the tests
//     defined and undefined. Options.Lenient makes it empty instead.
//   - names: a filter or test that does not exist is an error, also where it would
//     not be reached.
//   - objects: what has no text of its own, a method, a function, what map and
//     select give, is not printed. Jinja prints its address in memory.
//   - reproducible: nothing tells the time or makes anything up: there is neither
//     the filter random nor the function lipsum.
//   - html: the filters xmlattr and urlize, for web pages, are not there.
//   - internals: names that start with two underscores, and bytes, are not there.
//   - bounds: what is larger or nests deeper than the bounds below is refused.
//
// Nothing is escaped. These filters are there besides Jinja's: to_yaml, to_json,
// from_yaml, b64encode, b64decode, quote, sha256, required, ternary and
// regex_replace. include, import and extends see the templates of the same Kube,
// by their file's name, and nothing else.
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
// each other. Files are read as Kubernetes reads YAML, by kube.Word; Resolve gives a
// word of --set the kind of the value that it replaces. docs/values.md is the rule,
// and its table a test. Validate holds them against values.schema.json and says which file
// and line, or which flag, set what is wrong.
//
// The package opens no file and knows neither network nor clock: a deadline comes
// with the context, and Together adds one.
package render
