package history

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/lazyregexp"
)

const (
	labelRecord   = "kpm.sh/record" // the installation's name
	labelRevision = "kpm.sh/revision"
	labelStatus   = "kpm.sh/status"
	labelVersion  = "kpm.sh/version" // for the eye: not every version is a label

	annotation = "kpm.sh/"     // before the names of Revision's fields
	recordKey  = "record"      // in the Secret's data
	beatKey    = "kpm.sh/beat" // when the holder was last seen, by its own clock
)

// Status says how a revision ended, or that it has not.
type Status string

// The statuses of a revision.
const (
	Pending     Status = "pending" // its holder is at work
	Installed   Status = "installed"
	Failed      Status = "failed"
	Interrupted Status = "interrupted" // its holder was lost
)

// Holder is who works on an installation.
type Holder struct {
	Run  string `json:"run"` // a random id of the process's run
	User string `json:"user,omitempty"`
	Host string `json:"host,omitempty"`
	Boot string `json:"boot,omitempty"` // of the host's kernel and process table; "" when unknown
	PID  int    `json:"pid,omitempty"`
}

// Revision is what the labels and annotations of a record say: all that a list
// needs, without the record.
type Revision struct {
	Installation api.Installation `json:"installation"`
	Number       int              `json:"revision"`
	Status       Status           `json:"status"`
	Action       string           `json:"action"`
	To           int              `json:"to,omitempty"`      // the revision that a rollback went back to
	Repeats      int              `json:"repeats,omitempty"` // the revision that it is the same as: it only healed drift
	Version      string           `json:"version"`
	Repository   string           `json:"repository,omitempty"`
	Pin          string           `json:"pin,omitempty"`
	Digest       string           `json:"digest,omitempty"`
	Signer       string           `json:"signer,omitempty"`
	Edited       bool             `json:"edited,omitempty"`

	Dependencies []index.Dependency `json:"dependencies,omitempty"`

	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished,omitzero"`
	Holder   Holder    `json:"holder"`

	witness witness // where that object is live, the revision need not be read to know

	name, uid, resourceVersion string // of the Secret
	beat                       time.Time
	parts                      int
	digest                     string // of the record as stored
}

// maxRevisions is how many revisions are kept.
const maxRevisions = 10

// maxRevision is the last number that recordName has room for.
const maxRevision = 999_999_999

var recordName = lazyregexp.New(`^kpm\.([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)\.v([1-9][0-9]{0,8})$`)

func nameOf(installation string, number int) string {
	return fmt.Sprintf("kpm.%s.v%d", installation, number)
}

// partName names the i-th part of a record, from 1 on. The digest keeps the parts of
// two forms of one record apart while one replaces the other.
func partName(record, digest string, i int) string {
	return fmt.Sprintf("%s.%s.p%d", record, digest[:8], i)
}

// parseRevision reads the metadata of a record's Secret. ok is false when it is
// none that kpm wrote.
func parseRevision(meta *metav1.ObjectMeta) (r Revision, ok bool) {
	m := recordName().FindStringSubmatch(meta.Name)
	if m == nil || meta.Labels[labelRecord] != m[1] || meta.Labels[labelRevision] != m[2] {
		return Revision{}, false
	}
	note := func(name string) string { return meta.Annotations[annotation+name] }
	r = Revision{
		Installation: api.Installation{Namespace: meta.Namespace, Name: m[1]},
		Status:       Status(meta.Labels[labelStatus]),
		Action:       note("action"), Version: note("version"), Repository: note("repository"), Pin: note("pin"),
		Digest: note("digest"), Signer: note("signer"), Edited: note("edited") == "true",
		Started: parseTime(note("started")), Finished: parseTime(note("finished")),
		name: meta.Name, uid: string(meta.UID), resourceVersion: meta.ResourceVersion, digest: note("sha256"),
		beat:    parseTime(meta.Annotations[beatKey]),
		witness: witness(note("witness")),
	}
	r.Number, _ = strconv.Atoi(m[2])                      //nolint:errcheck // the pattern lets only numbers through
	r.parts, _ = strconv.Atoi(note("parts"))              //nolint:errcheck // unreadable: none, and the record is damaged
	r.To, _ = strconv.Atoi(note("to"))                    //nolint:errcheck // unreadable: none
	r.Repeats, _ = strconv.Atoi(note("repeats"))          //nolint:errcheck // unreadable: none
	_ = json.Unmarshal([]byte(note("holder")), &r.Holder) //nolint:errcheck // unreadable: nobody, who is lost after a while
	if needs := note("dependencies"); needs != "" {
		_ = json.Unmarshal([]byte(needs), &r.Dependencies) //nolint:errcheck // unreadable: none
	}
	switch r.Status {
	case Pending, Installed, Failed, Interrupted:
		return r, true
	}
	return Revision{}, false
}

// metadataOf is what parseRevision reads of the metadata of an object.
func metadataOf(o map[string]any) *metav1.ObjectMeta {
	meta := object.Map(o, "metadata")
	texts := func(key string) map[string]string {
		all := map[string]string{}
		for k := range object.Map(meta, key) {
			all[k] = object.Text(meta, key, k)
		}
		return all
	}
	return &metav1.ObjectMeta{
		Name: object.Text(meta, "name"), Namespace: object.Text(meta, "namespace"), UID: types.UID(object.Text(meta, "uid")),
		ResourceVersion: object.Text(meta, "resourceVersion"), Labels: texts("labels"), Annotations: texts("annotations"),
	}
}

// metadata is the metadata of the Secret that stands for r.
func (r Revision) metadata() map[string]any {
	holder, _ := json.Marshal(r.Holder) //nolint:errcheck // it has only texts and a number
	notes := map[string]any{
		"action": r.Action, "version": r.Version, "repository": r.Repository, "pin": r.Pin,
		"digest": r.Digest, "signer": r.Signer, "edited": strconv.FormatBool(r.Edited),
		"started": formatTime(r.Started), "finished": formatTime(r.Finished), "holder": string(holder),
		"parts": strconv.Itoa(r.parts), "sha256": r.digest,
	}
	if r.To > 0 {
		notes["to"] = strconv.Itoa(r.To)
	}
	if r.witness != "" {
		notes["witness"] = string(r.witness)
	}
	if r.Repeats > 0 {
		notes["repeats"] = strconv.Itoa(r.Repeats)
	}
	if len(r.Dependencies) > 0 {
		needs, _ := json.Marshal(r.Dependencies) //nolint:errcheck // they have only texts
		notes["dependencies"] = string(needs)
	}
	annotations := map[string]any{}
	for name, v := range notes {
		annotations[annotation+name] = v
	}
	return map[string]any{
		"name": nameOf(r.Installation.Name, r.Number), "namespace": r.Installation.Namespace,
		"labels": map[string]any{
			labelRecord: r.Installation.Name, labelRevision: strconv.Itoa(r.Number), labelStatus: string(r.Status),
			labelVersion: labelForm(r.Version), "app.kubernetes.io/managed-by": "kpm",
		},
		"annotations": annotations,
	}
}

// labelForm is the version as a label takes it, or "". It is never read back. What
// it is given may come from a record: whoever forged that must not make writes fail.
func labelForm(version string) string {
	v := strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf && (r == '-' || r == '.' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z') {
			return r
		}
		return '_'
	}, version)
	return strings.Trim(v[:min(len(v), 63)], "-_.")
}

func formatTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func parseTime(s string) time.Time {
	t, _ := time.Parse(time.RFC3339, s) //nolint:errcheck // unreadable: no time
	return t
}

// secret is a Secret that holds a record, or a part of one.
func secret(meta map[string]any, kind string, data []byte) map[string]any {
	return map[string]any{
		"apiVersion": "v1", "kind": "Secret", "type": kind, "metadata": meta,
		"data": map[string]any{recordKey: base64.StdEncoding.EncodeToString(data)},
	}
}
