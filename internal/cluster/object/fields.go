package object

import (
	"slices"
	"strings"
)

// Map is the mapping at path below m, or nil.
func Map(m map[string]any, path ...string) map[string]any {
	for _, key := range path {
		m, _ = m[key].(map[string]any)
	}
	return m
}

// Text is the text at path below m, or "".
func Text(m map[string]any, path ...string) string {
	s, _ := Map(m, path[:len(path)-1]...)[path[len(path)-1]].(string)
	return s
}

// Number is the whole number at path below m, or 0.
func Number(m map[string]any, path ...string) int64 {
	n, _ := Map(m, path[:len(path)-1]...)[path[len(path)-1]].(int64)
	return n
}

// List are the mappings in the list at path below m.
func List(m map[string]any, path ...string) []map[string]any {
	items, _ := Map(m, path[:len(path)-1]...)[path[len(path)-1]].([]any)
	var found []map[string]any
	for _, item := range items {
		if entry, ok := item.(map[string]any); ok {
			found = append(found, entry)
		}
	}
	return found
}

// Texts are the texts in the list at path below m.
func Texts(m map[string]any, path ...string) []string {
	items, _ := Map(m, path[:len(path)-1]...)[path[len(path)-1]].([]any)
	var found []string
	for _, item := range items {
		if s, ok := item.(string); ok {
			found = append(found, s)
		}
	}
	return found
}

// Ensure is the mapping at key of m, made when it is missing.
func Ensure(m map[string]any, key string) map[string]any {
	below, ok := m[key].(map[string]any)
	if !ok {
		below = map[string]any{}
		m[key] = below
	}
	return below
}

// Condition is the status of a condition of the object: "True", "False",
// "Unknown" or "".
func Condition(o map[string]any, name string) string {
	for _, c := range List(o, "status", "conditions") {
		if Text(c, "type") == name {
			return Text(c, "status")
		}
	}
	return ""
}

// Applied are the fields that a manager has applied.
func Applied(o map[string]any, manager string) map[string]any {
	for _, m := range List(o, "metadata", "managedFields") {
		if Text(m, "manager") == manager && Text(m, "operation") == "Apply" {
			return Map(m, "fieldsV1")
		}
	}
	return nil
}

// Managers are the names of those who manage fields of live.
func Managers(live map[string]any) []string {
	var names []string
	for _, m := range List(live, "metadata", "managedFields") {
		if name := Text(m, "manager"); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// Finalizers says which hold an object that is to go, as the rest of a clause; "" without any.
func Finalizers(live map[string]any) string {
	if f := Texts(live, "metadata", "finalizers"); len(f) > 0 {
		return ", held by the finalizers " + strings.Join(f, ", ")
	}
	return ""
}

// Message is what a condition says, in one line.
func Message(o map[string]any, name string) string {
	for _, c := range List(o, "status", "conditions") {
		if Text(c, "type") == name {
			return OneLine(Text(c, "message"))
		}
	}
	return ""
}

// OneLine is a foreign text without line ends and runs of spaces.
func OneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
