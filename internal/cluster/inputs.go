package cluster

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
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
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

// tells reports whether an object is one that whoever may write Secrets in the
// namespace is least likely to write as well: a workload, an object of RBAC, or one
// out of the namespace. A Namespace is none: several installations may share it.
func tells(i api.Installation, r api.Ref) bool {
	return isWorkload(r) || r.Group() == "rbac.authorization.k8s.io" || r.Namespace != i.Namespace && !r.Is("", "Namespace")
}

func isWorkload(r api.Ref) bool {
	return r.Is("", "Pod", "ReplicationController") || r.Is("batch", "Job", "CronJob") ||
		r.Is("apps", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")
}

// mark writes the annotation on the objects that tell, or, where there are none, on
// all.
func mark(wanted []*desired, i api.Installation, value string) {
	if value == "" {
		return
	}
	telling := slices.ContainsFunc(wanted, func(d *desired) bool { return tells(i, d.ref) })
	for _, d := range wanted {
		meta := object.Map(d.value, "metadata")
		if _, ok := meta["annotations"].(map[string]any); meta["annotations"] != nil && !ok {
			continue // the server refuses it
		}
		if !telling && !d.ref.Is("", "Namespace") || tells(i, d.ref) {
			object.Ensure(meta, "annotations")[noteInputs] = value
		}
	}
}

// confirmation is what the objects of a plan carry as kpm.sh/inputs, "" when none does.
func confirmation(objects map[string]*desired) string {
	for _, d := range objects {
		if value := object.Text(d.value, "metadata", "annotations", noteInputs); value != "" {
			return value
		}
	}
	return ""
}

// unmarked is o without the annotation; o itself when it has none.
func unmarked(o map[string]any) map[string]any {
	if _, marked := object.Map(o, "metadata", "annotations")[noteInputs]; !marked {
		return o
	}
	o = maps.Clone(o)
	meta, notes := maps.Clone(object.Map(o, "metadata")), maps.Clone(object.Map(o, "metadata", "annotations"))
	delete(notes, noteInputs)
	if meta["annotations"] = notes; len(notes) == 0 {
		delete(meta, "annotations")
	}
	o["metadata"] = meta
	return o
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

// inputsOf and sealOf are the halves of what an object carries as kpm.sh/inputs.
func inputsOf(o map[string]any) string {
	inputs, _, _ := strings.Cut(object.Text(o, "metadata", "annotations", noteInputs), ".")
	return inputs
}

func sealOf(o map[string]any) string {
	_, seal, _ := strings.Cut(object.Text(o, "metadata", "annotations", noteInputs), ".")
	return seal
}

// Vouching are the values of kpm.sh/inputs by which live objects vouch for a record as
// that of the revision of this number.
func (s State) Vouching(number int, r *Record) []string {
	var seals []string
	digest := r.digest()
	for _, known := range s.Records() {
		if seal := known.seal(); seal != "" && digest != "" && known.Digests[number] == digest {
			seals = append(seals, seal)
		}
	}
	return seals
}

// vouchers are the records that live objects carry the seal of.
type vouchers struct {
	sealed map[string]*Record // what the cluster remembers, by seal
	proof  Proof
	by     map[*Record]bool
}

func vouchersOf(s State) vouchers {
	v := vouchers{sealed: map[string]*Record{}, by: map[*Record]bool{}}
	for _, r := range s.Records() {
		if seal := r.seal(); seal != "" {
			v.sealed[seal] = r
		}
	}
	return v
}

func (v *vouchers) see(i api.Installation, ref api.Ref, live map[string]any, made bool) {
	v.proof.see(i, ref, live, made, slices.Collect(maps.Keys(v.sealed)))
	if r := v.sealed[sealOf(live)]; r != nil && i.OwnerOf(live) == api.Ours && object.Text(live, "metadata", "deletionTimestamp") == "" {
		v.by[r] = true
	}
}

// digests are those of the revisions that were installed, as all records agree on them
// whose seal is live. telling says that objects that tell are going to carry them: what
// only others say is not made more of than it is.
func (v *vouchers) digests(revisions []Revision, telling bool) map[int]string {
	agreed := map[int]string{}
	if !v.proof.Confirmed() && (telling || !v.proof.ConfirmedWeakly()) {
		return agreed
	}
	for _, r := range revisions {
		var said []string
		for record := range v.by {
			said = append(said, record.Digests[r.Number])
		}
		if said = slices.Compact(slices.Sorted(slices.Values(said))); r.Status == Installed && len(said) == 1 && said[0] != "" {
			agreed[r.Number] = said[0]
		}
	}
	return agreed
}

// seal has the objects of a plan confirm what is to be remembered of it. What is written
// anyway carries it, and what else stays as it is carries it then, too.
func (v *vouchers) seal(plan *Plan, r Request, wanted []*desired) error {
	if r.Record == nil {
		return nil
	}
	next := *r.Record
	var err error
	if next.Manifests, err = plan.manifests(); err != nil {
		return err
	}
	telling := slices.ContainsFunc(wanted, func(d *desired) bool { return tells(r.Installation, d.ref) })
	next.Digests = v.digests(r.State.Revisions, telling)
	next.Digests[plan.Base+1] = next.digest()
	plan.digests = next.Digests
	mark(wanted, r.Installation, next.confirmation())
	for n, e := range plan.Entries {
		if live := plan.live[e.Key()]; e.Action == Unchanged && live != nil {
			plan.Entries[n].unsealed = sealOf(live) != sealOf(plan.objects[e.Key()].value)
		}
	}
	return nil
}

// confirmation is what objects carry as kpm.sh/inputs that are made with the record.
func (r *Record) confirmation() string {
	inputs, seal := r.Inputs(), r.seal()
	if inputs == "" || seal == "" {
		return inputs
	}
	return inputs + "." + seal
}
