// Package render makes manifests of the templates of a Kube.
//
// # Templates
//
// A template is a Jinja template; x.yaml.tmpl gives x.yaml. gonja reads it, and
// its trees are run here: what an expression or a tag does is Python's way, with
// these differences, which are wanted:
//
//   - A loop with two names over a mapping walks its pairs. Mappings that come
//     from values are walked in sorted order, those that a template writes in
//     the order in which it writes them.
//   - A variable or key that is not there is an error, with file, line and the
//     nearest name, except for the filters default and required and the tests
//     defined and undefined. Options.Lenient makes it empty instead.
//   - A filter, test or tag that does not exist is an error, also where it would
//     not be reached.
//   - A macro must not call itself, nor a template include, import or extend
//     itself. extends takes a name in quotes, outside all other tags.
//   - Nothing tells the time or makes anything up: neither the filter random nor
//     the function lipsum is there. Nor are the filters xmlattr and urlize.
//   - Names are made of ASCII letters. An if inside brackets is refused, because
//     gonja does not know it.
//
// Nothing is escaped. These filters are there besides Jinja's: to_yaml, to_json,
// from_yaml, b64encode, b64decode, quote, sha256, required, ternary and
// regex_replace. include, import and extends see the templates of the same Kube,
// by their file's name, and nothing else.
//
// # Bounds
//
// scan reads a source before gonja does. It refuses what gonja is known not to
// come back from or to take for something else, and hides from it white space
// inside tags and escapes inside quotes, byte for byte, so that lines in errors
// stay right. The constants of limits.go bound size, nesting, output, the number
// of steps and time. A panic in gonja becomes an error. What cannot be stopped is
// gonja's own reading of a text; see execute.
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
