package history

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/kpm-sh/kpm/internal/cluster/api"
)

// budget is what may still be read of records. They are written by whoever may write
// Secrets in a namespace, and a few kilobytes of them can unpack to gigabytes.
type budget struct {
	items int
}

func (b *budget) spend(n int) error {
	if b.items -= n; b.items < 0 {
		return fmt.Errorf("it has more than the %d items that are read of all revisions together", maxItems)
	}
	return nil
}

// decodeRecord reads what encode wrote, with its manifests if they are wanted; else
// they are passed over. It takes nothing from a stranger on trust: JSON with
// duplicate, unknown or misspelt keys, another schema, bytes after the end, anything
// above maxRecord and what the budget does not allow are errors.
func decodeRecord(data []byte, manifests bool, b *budget) (*Record, error) {
	r, err := readRecord(data, manifests, b)
	if err != nil {
		return nil, fmt.Errorf("reading the record: %w", err)
	}
	return r, nil
}

func readRecord(data []byte, manifests bool, b *budget) (*Record, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	text := &io.LimitedReader{R: z, N: maxRecord + 1}
	d := &recordDecoder{json: jsontext.NewDecoder(text), manifests: manifests, budget: b}
	err = d.read()
	_, rest := io.Copy(io.Discard, text) // how long it is counts before what is wrong with it
	switch {
	case text.N <= 0:
		return nil, fmt.Errorf("it has more than %d MiB", maxRecord>>20)
	case err != nil:
		return nil, err
	case rest != nil:
		return nil, rest
	case d.record.Schema != Schema:
		return nil, fmt.Errorf("its schema is %q, not %s", d.record.Schema, Schema)
	}
	return &d.record, nil
}

// recordDecoder reads a record value by value, so that no more of it is held than
// is wanted.
type recordDecoder struct {
	json      *jsontext.Decoder
	manifests bool
	budget    *budget
	record    Record
	rest      bytes.Buffer // all other members, as an object without its end
}

func (d *recordDecoder) read() error {
	if start, err := d.json.ReadToken(); err != nil {
		return err
	} else if start.Kind() != '{' {
		return errors.New("it is no object")
	}
	for d.json.PeekKind() != '}' {
		if err := d.member(); err != nil {
			return err
		}
	}
	if _, err := d.json.ReadToken(); err != nil {
		return err
	}
	if _, err := d.json.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("something comes after its end")
	}
	if d.rest.Len() == 0 {
		return nil
	}
	d.rest.WriteByte('}')
	return json.Unmarshal(d.rest.Bytes(), &d.record, json.RejectUnknownMembers(true))
}

func (d *recordDecoder) member() error {
	name, err := d.json.ReadToken()
	if err != nil {
		return err
	}
	switch key := name.String(); key {
	case "inventory":
		return d.list(func(v jsontext.Value) error {
			var item api.Item
			if err := json.Unmarshal(v, &item, json.RejectUnknownMembers(true)); err != nil {
				return err
			}
			d.record.Inventory = append(d.record.Inventory, item)
			return item.Check()
		})
	case "manifests":
		if !d.manifests {
			return d.json.SkipValue()
		}
		return d.list(func(v jsontext.Value) error {
			d.record.Manifests = append(d.record.Manifests, bytes.Clone(v))
			return nil
		})
	default:
		return d.other(key)
	}
}

// list reads a list within the budget.
func (d *recordDecoder) list(take func(jsontext.Value) error) error {
	if start, err := d.json.ReadToken(); err != nil {
		return err
	} else if start.Kind() != '[' {
		return errors.New("what has to be a list is none")
	}
	for d.json.PeekKind() != ']' {
		if err := d.budget.spend(1); err != nil {
			return err
		}
		v, err := d.json.ReadValue()
		if err != nil {
			return err
		}
		if err := take(v); err != nil {
			return err
		}
	}
	_, err := d.json.ReadToken()
	return err
}

// other keeps any other member.
func (d *recordDecoder) other(key string) error {
	v, err := d.json.ReadValue()
	if err != nil {
		return err
	}
	for tokens := jsontext.NewDecoder(bytes.NewReader(v)); ; {
		if _, err := tokens.ReadToken(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		if err := d.budget.spend(1); err != nil {
			return err
		}
	}
	before := byte(',')
	if d.rest.Len() == 0 {
		before = '{'
	}
	d.rest.WriteByte(before)
	name, err := jsontext.AppendQuote(nil, key)
	d.rest.Write(name)
	d.rest.WriteByte(':')
	d.rest.Write(v)
	return err
}
