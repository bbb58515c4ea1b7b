package history

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

func full() Record {
	return Record{
		Schema: Schema, Action: "install", Version: "1.2.3+a", Repository: "main", Pin: "1@sha256:00", Digest: "sha256:11", Signer: "index",
		Edited: true, Overrides: json.RawMessage(`{"a":{"b":1}}`), HookDigest: "sha256:22", HookFiles: map[string][]byte{"a": {0, 1}},
		Inventory: []api.Item{{Ref: api.Ref{APIVersion: "v1", Kind: "ConfigMap", Namespace: "ns", Name: "a"}, UID: "uid"}}, Manifests: []json.RawMessage{json.RawMessage(`{"kind":"ConfigMap"}`)},
	}
}

func TestRecordComesBack(t *testing.T) {
	want := full()
	data, err := want.encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := want.encode()
	if err != nil || !bytes.Equal(data, again) {
		t.Errorf("the same record has other bytes, %v", err)
	}
	got, err := decodeRecord(data, true, &budget{maxItems})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, *got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func zipped(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(text))
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRecordRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"other schema":  `{"schema":"kpm.installation/v2","inventory":[]}`,
		"no schema":     `{"inventory":[]}`,
		"unknown key":   `{"schema":"` + Schema + `","inventory":[],"exec":"sh"}`,
		"other case":    `{"schema":"` + Schema + `","Inventory":[]}`,
		"key twice":     `{"schema":"` + Schema + `","inventory":[],"inventory":[]}`,
		"two values":    `{"schema":"` + Schema + `","inventory":[]} {}`,
		"not UTF-8":     `{"schema":"` + Schema + `","version":"` + "\xff" + `"}`,
		"no name":       `{"schema":"` + Schema + `","inventory":[{"apiVersion":"v1","kind":"Pod","name":""}]}`,
		"way out":       `{"schema":"` + Schema + `","inventory":[{"apiVersion":"v1","kind":"Pod","namespace":"../../x","name":"a"}]}`,
		"way up":        `{"schema":"` + Schema + `","inventory":[{"apiVersion":"v1","kind":"Pod","name":".."}]}`,
		"wrong type":    `{"schema":"` + Schema + `","inventory":{"a":1}}`,
		"nothing":       ``,
		"too much":      `{"schema":"` + Schema + `","version":"` + strings.Repeat("a", maxRecord) + `"}`,
		"deeply nested": `{"schema":"` + Schema + `","overrides":` + strings.Repeat("[", 100_000) + `}`,
	} {
		if _, err := decodeRecord(zipped(t, text), true, &budget{maxItems}); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestSplit(t *testing.T) {
	for size, want := range map[int]int{0: 1, 1: 1, maxPart: 1, maxPart + 1: 2, 3 * maxPart: 3} {
		parts, err := split(make([]byte, size))
		if err != nil || len(parts) != want || len(bytes.Join(parts, nil)) != size {
			t.Errorf("%d bytes: %d parts, %v", size, len(parts), err)
		}
	}
	if _, err := split(make([]byte, maxParts*maxPart+1)); err == nil {
		t.Error("too large a record is split")
	}
}

func TestRevisionComesBack(t *testing.T) {
	want := Revision{
		Installation: api.Installation{Namespace: "ns", Name: "web"}, Number: 12, Status: Pending, Action: "upgrade", Version: "1.0.0+a", Repository: "main",
		Pin: "p", Digest: "d", Signer: "s", Edited: true, Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Holder: Holder{"r", "u", "h", "b", 7}, name: "kpm.web.v12", parts: 2, digest: "abc",
	}
	got, ok := parseRevision(metadataOf(map[string]any{"metadata": want.metadata()}))
	if !ok {
		t.Fatal("it is not read")
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Revision{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestRevisionRefuses has Secrets that kpm did not write so.
func TestRevisionRefuses(t *testing.T) {
	for name, spoil := range map[string]func(meta map[string]any){
		"other name":        func(m map[string]any) { m["name"] = "kpm.db.v12" },
		"other number":      func(m map[string]any) { m["name"] = "kpm.web.v13" },
		"number from 0":     func(m map[string]any) { m["name"] = "kpm.web.v012" },
		"number too large":  func(m map[string]any) { m["name"] = "kpm.web.v9999999999" },
		"odd name":          func(m map[string]any) { m["name"] = "kpm.web.x.v12" },
		"no labels":         func(m map[string]any) { delete(m, "labels") },
		"unknown status":    func(m map[string]any) { object.Map(m, "labels")[labelStatus] = "fine" },
		"labels of another": func(m map[string]any) { object.Map(m, "labels")[labelRecord] = "db" },
	} {
		meta := Revision{Installation: api.Installation{Namespace: "ns", Name: "web"}, Number: 12, Status: Installed}.metadata()
		spoil(meta)
		if r, ok := parseRevision(metadataOf(map[string]any{"metadata": meta})); ok {
			t.Errorf("%s: read as %+v", name, r)
		}
	}
}

func TestLabelForm(t *testing.T) {
	for version, want := range map[string]string{
		"1.0.0": "1.0.0", "1.0.0+a": "1.0.0_a", "1.0.0-a-": "1.0.0-a", "1.0.0-" + strings.Repeat("-", 60): "1.0.0",
	} {
		if got := labelForm(version); got != want {
			t.Errorf("%s: got %s, want %s", version, got, want)
		}
	}
}

// TestInventoryOfSeveral takes the newest UID that is known.
func TestInventoryOfSeveral(t *testing.T) {
	item := func(name, uid string) api.Item {
		return api.Item{Ref: api.Ref{APIVersion: "v1", Kind: "ConfigMap", Namespace: "ns", Name: name}, UID: uid}
	}
	items := map[string]api.Item{}
	merge(items, []api.Item{item("a", ""), item("b", "2")})
	merge(items, []api.Item{item("a", "1"), item("b", "1"), item("c", "1")})
	for name, uid := range map[string]string{"a": "1", "b": "2", "c": "1"} {
		if got := items[item(name, "").Key()].UID; got != uid {
			t.Errorf("%s has %q, want %q", name, got, uid)
		}
	}
}

func FuzzDecodeRecord(f *testing.F) {
	data, err := full().encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add(zipped(f, `{"schema":"`+Schema+`","inventory":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := decodeRecord(data, true, &budget{maxItems})
		if err != nil {
			return
		}
		if _, err := r.encode(); err != nil {
			t.Errorf("what was read cannot be written: %v", err)
		}
	})
}

// TestEncodeWithPackedManifests writes a record in two members, as one that was
// packed as a whole is read.
func TestEncodeWithPackedManifests(t *testing.T) {
	r := full()
	end, err := r.pack()
	if err != nil {
		t.Fatal(err)
	}
	r.Inventory = append(r.Inventory, api.Item{Ref: api.Ref{APIVersion: "v1", Kind: "ConfigMap", Namespace: "ns", Name: "late"}, UID: "1"})
	data, err := r.encodeWith(end)
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeRecord(data, true, &budget{maxItems})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r.Manifests, got.Manifests); diff != "" || len(got.Inventory) != len(r.Inventory) {
		t.Errorf("manifests (-want +got):\n%s%d items, want %d", diff, len(got.Inventory), len(r.Inventory))
	}
}

// TestRecordLength has a record that is as long as one may be, and one byte more.
func TestRecordLength(t *testing.T) {
	const text = `{"schema":"` + Schema + `","inventory":[]}`
	for length, want := range map[int]string{maxRecord: "", maxRecord + 1: "it has more than 16 MiB"} {
		_, err := decodeRecord(zipped(t, text+strings.Repeat(" ", length-len(text))), false, &budget{maxItems})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%d bytes: got %v, want %q", length, err, want)
		}
	}
}
