package kinds

import (
	"slices"
	"strings"
)

// Type are the fields of the objects of one name.
type Type struct {
	Name   string
	Fields []Field // ascending by name; one is there twice that is of another type since
}

// Field is a field of a type.
type Field struct {
	Name     string
	Required bool
	Value    Value
	Default  string // of a text; "" for none that is known
	Served   Minors
}

// Value is what a field, an item of a list or a value of a mapping may be.
type Value struct {
	Sort Sort
	Of   *Value   // of the items of a list, and of the values of a mapping
	Type string   // of an object
	Enum []Word   // that a text may be
	Keys []string // by which the items of a list are told apart
}

// Word is one of an enumeration.
type Word struct {
	Text   string
	Served Minors
}

// Sort is what JSON and the meaning of a value are.
type Sort byte

// The sorts of values.
const (
	Text        Sort = 's'
	Bool        Sort = 'b'
	Int32       Sort = 'i'
	Int64       Sort = 'l'
	Number      Sort = 'n'
	Quantity    Sort = 'q'
	IntOrString Sort = 'o'
	Base64      Sort = 'B'
	Time        Sort = 't'
	MicroTime   Sort = 'u'
	Anything    Sort = '*'
	Enum        Sort = '<'
	Mapping     Sort = '{'
	List        Sort = '['
	Set         Sort = '^' // a list that has each item once
	Object      Sort = 'T'
)

// TypeOf gives a type by its name.
func TypeOf(name string) (*Type, bool) {
	t := load()
	if known, ok := t.read.Load(name); ok {
		return known.(*Type), true
	}
	line, ok := t.types[name]
	if !ok {
		return nil, false
	}
	made := &Type{Name: name}
	for word := range strings.FieldsSeq(line) {
		made.Fields = append(made.Fields, t.field(word))
	}
	t.read.Store(name, made)
	return made, true
}

// Field gives the fields of a name; more than one where versions of the server differ.
func (t *Type) Field(name string) []Field {
	i, ok := slices.BinarySearchFunc(t.Fields, name, func(f Field, name string) int { return strings.Compare(f.Name, name) })
	if !ok {
		return nil
	}
	end := i
	for end < len(t.Fields) && t.Fields[end].Name == name {
		end++
	}
	for i > 0 && t.Fields[i-1].Name == name {
		i--
	}
	return t.Fields[i:end]
}

func (t *table) field(word string) Field {
	name, rest, _ := strings.Cut(word, ":")
	rest, served := t.during(rest)
	value, def, _ := strings.Cut(rest, "=")
	bare, required := strings.CutSuffix(name, "!")
	return Field{Name: bare, Required: required, Value: t.value(value), Default: def, Served: served}
}

func (t *table) value(text string) Value {
	switch {
	case len(text) == 1:
		return Value{Sort: Sort(text[0])}
	case text[0] == '<':
		return Value{Sort: Enum, Enum: t.words(text[1 : len(text)-1])}
	case text[0] == '{':
		of := t.value(text[1 : len(text)-1])
		return Value{Sort: Mapping, Of: &of}
	case text[0] == '[':
		end := strings.LastIndexByte(text, ']')
		of := t.value(text[1:end])
		v := Value{Sort: List, Of: &of}
		switch keys := text[end+1:]; {
		case keys == "^":
			v.Sort = Set
		case keys != "":
			v.Keys = strings.Split(keys[1:], ",")
		}
		return v
	}
	return Value{Sort: Object, Type: text}
}

func (t *table) words(enum string) []Word {
	var words []Word
	for w := range strings.FieldsSeq(t.enums[enum]) {
		text, served := t.during(w)
		words = append(words, Word{strings.ReplaceAll(text, "_", " "), served})
	}
	return words
}
