package cluster

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// noteInputs is the annotation by which the objects of an installation confirm what
// a record of it says. It is in no plan, and changes only with what it stands for.
const noteInputs = "kpm.sh/inputs"

// saltSize is that of the salts of records, in bytes.
const saltSize = 32

// NewSalt is a salt for the records of an installation. It stays the same for the
// installation's life: with it whoever may read workloads but no Secrets cannot try
// out what the values may be.
func NewSalt() []byte {
	salt := make([]byte, saltSize)
	rand.Read(salt) //nolint:errcheck // it never fails
	return salt
}

// Salted tells whether the record has a salt that kpm may have made.
func (r *Record) Salted() bool { return r != nil && len(r.Salt) == saltSize }

// Inputs is what objects that are made with the overrides and the hook files of the
// record carry as kpm.sh/inputs: their HMAC-SHA256 with the salt, in hexadecimal. How
// overrides are spelt does not count. It is "" for a record without a salt, or with
// overrides that are no JSON: nothing confirms that.
func (r *Record) Inputs() string {
	if !r.Salted() {
		return ""
	}
	overrides := jsontext.Value(bytes.Clone(r.Overrides))
	if len(overrides) == 0 {
		overrides = jsontext.Value("{}")
	}
	if overrides.Format(jsontext.ReorderRawObjects(true)) != nil {
		return ""
	}
	sum := hmac.New(sha256.New, r.Salt)
	add := func(field []byte) { // with its length: no two lists of fields look alike
		sum.Write(binary.BigEndian.AppendUint64(nil, uint64(len(field))))
		sum.Write(field)
	}
	add(overrides)
	for _, path := range slices.Sorted(maps.Keys(r.HookFiles)) {
		add([]byte(path))
		add(r.HookFiles[path])
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// tells reports whether an object is one that whoever may write Secrets in the
// namespace is least likely to write as well: a workload, an object of RBAC, or one
// out of the namespace. A Namespace is none: several installations may share it.
func (i Installation) tells(r Ref) bool {
	return isWorkload(r) || r.group() == "rbac.authorization.k8s.io" || r.Namespace != i.Namespace && !r.is("", "Namespace")
}

func isWorkload(r Ref) bool {
	return r.is("", "Pod", "ReplicationController") || r.is("batch", "Job", "CronJob") ||
		r.is("apps", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")
}

// mark writes the annotation on the objects that tell, or, where there are none, on
// all.
func mark(wanted []*desired, i Installation, value string) {
	if value == "" {
		return
	}
	telling := slices.ContainsFunc(wanted, func(d *desired) bool { return i.tells(d.ref) })
	for _, d := range wanted {
		meta := dig(d.value, "metadata")
		if _, ok := meta["annotations"].(map[string]any); meta["annotations"] != nil && !ok {
			continue // the server refuses it
		}
		if !telling && !d.ref.is("", "Namespace") || i.tells(d.ref) {
			ensure(meta, "annotations")[noteInputs] = value
		}
	}
}

// inputsOf is what an object carries.
func inputsOf(o map[string]any) string { return text(o, "metadata", "annotations", noteInputs) }

// unmarked is o without the annotation; o itself when it has none.
func unmarked(o map[string]any) map[string]any {
	if _, marked := dig(o, "metadata", "annotations")[noteInputs]; !marked {
		return o
	}
	o = maps.Clone(o)
	meta, notes := maps.Clone(dig(o, "metadata")), maps.Clone(dig(o, "metadata", "annotations"))
	delete(notes, noteInputs)
	if meta["annotations"] = notes; len(notes) == 0 {
		delete(meta, "annotations")
	}
	o["metadata"] = meta
	return o
}
