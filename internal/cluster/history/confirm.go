package history

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"maps"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

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
// record carry as the first half of kpm.sh/inputs: their HMAC-SHA256 with the salt, in hexadecimal. How
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
	addField(sum, overrides)
	for _, path := range slices.Sorted(maps.Keys(r.HookFiles)) {
		addField(sum, []byte(path))
		addField(sum, r.HookFiles[path])
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// addField adds a field with its length: no two lists of fields look alike.
func addField(sum hash.Hash, field []byte) {
	sum.Write(binary.BigEndian.AppendUint64(nil, uint64(len(field))))
	sum.Write(field)
}

// A revision carries the digests of those before it that a rollback may go back to, and
// its own. The objects that are made with it confirm that list, in the second half of
// kpm.sh/inputs: so the newest revision vouches for the older ones, and who rewrites one
// of them is found out.

// digest is that of all that a rollback to the revision uses; "" where there is none. What
// the revision became, and whom it vouches for, does not count.
func (r Record) digest() string {
	r.Schema, r.Inventory, r.Digests = Schema, nil, nil
	sum := sha256.New()
	if json.MarshalWrite(sum, r, json.Deterministic(true)) != nil {
		return ""
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// seal confirms the digests of the record; "" where it has none, or no salt.
func (r *Record) seal() string {
	if !r.Salted() || len(r.Digests) == 0 {
		return ""
	}
	sum := hmac.New(sha256.New, r.Salt)
	addField(sum, []byte("revisions"))
	for _, number := range slices.Sorted(maps.Keys(r.Digests)) {
		addField(sum, []byte(strconv.Itoa(number)))
		addField(sum, []byte(r.Digests[number]))
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// confirmation is what objects carry as kpm.sh/inputs that are made with the record.
func (r *Record) confirmation() string {
	inputs, seal := r.Inputs(), r.seal()
	if inputs == "" || seal == "" {
		return inputs
	}
	return inputs + "." + seal
}
