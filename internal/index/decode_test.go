package index

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/gzipped"
)

func splitFields(s string) iter.Seq[string] { return strings.FieldsSeq(s) }

const goodRecord = `{"name":"a","rev":1,"version":"1.0.0","built":"2026-11-22T10:00:00Z","doc":{"sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","size":3}}`

func TestDecodeLine(t *testing.T) {
	if _, err := DecodeLine([]byte(goodRecord)); err != nil {
		t.Fatal(err)
	}
	if _, err := DecodeLine([]byte(strings.Replace(goodRecord, `"rev":1`, `"rev":1,"later":{"x":[1]}`, 1))); err != nil {
		t.Errorf("an unknown key: %v", err)
	}
	refused := map[string]string{
		"duplicate key":       strings.Replace(goodRecord, `"rev":1`, `"rev":1,"rev":2`, 1),
		"duplicate unknown":   strings.Replace(goodRecord, `"rev":1`, `"rev":1,"x":2,"x":3`, 1),
		"upper case":          strings.Replace(goodRecord, `"rev":1`, `"rev":1,"REV":2`, 1),
		"other case":          strings.Replace(goodRecord, `"rev":1`, `"rev":1,"Rev":2`, 1),
		"long s":              strings.Replace(goodRecord, `"rev":1`, `"rev":1,"verſion":"2"`, 1),
		"other case, nested":  strings.Replace(goodRecord, `"rev":1`, `"rev":1,"x":{"Rev":2}`, 1),
		"invalid UTF-8":       strings.Replace(goodRecord, `"1.0.0"`, "\"1.0.0\xff\"", 1),
		"lone surrogate":      strings.Replace(goodRecord, `"1.0.0"`, `"1.0.0\ud800"`, 1),
		"trailing value":      goodRecord + "{}",
		"trailing word":       goodRecord + " x",
		"nothing":             "",
		"null":                "null",
		"an array":            "[]",
		"cut":                 goodRecord[:40],
		"negative number":     strings.Replace(goodRecord, `"rev":1`, `"rev":-1`, 1),
		"fraction":            strings.Replace(goodRecord, `"rev":1`, `"rev":1.0`, 1),
		"exponent":            strings.Replace(goodRecord, `"rev":1`, `"rev":1e2`, 1),
		"2^53+1":              strings.Replace(goodRecord, `"rev":1`, `"rev":9007199254740993`, 1),
		"huge":                strings.Replace(goodRecord, `"rev":1`, `"rev":99999999999999999999`, 1),
		"fraction in unknown": strings.Replace(goodRecord, `"rev":1`, `"rev":1,"x":0.5`, 1),
		"deep":                strings.Replace(goodRecord, `"rev":1`, `"rev":1,"x":`+strings.Repeat("[", 40)+strings.Repeat("]", 40), 1),
		"rev 0":               strings.Replace(goodRecord, `"rev":1`, `"rev":0`, 1),
		"rev is text":         strings.Replace(goodRecord, `"rev":1`, `"rev":"1"`, 1),
		"path as name":        strings.Replace(goodRecord, `"a"`, `"../a"`, 1),
		"upper digest":        strings.Replace(goodRecord, "ba78", "BA78", 1),
		"no doc":              `{"name":"a","rev":1,"version":"1.0.0","built":"2026-11-22T10:00:00Z"}`,
		"time with fraction":  strings.Replace(goodRecord, "00:00Z", "00:00.5Z", 1),
		"time with zone":      strings.Replace(goodRecord, "00:00Z", "00:00+01:00", 1),
		"no version":          strings.Replace(goodRecord, `"version":"1.0.0",`, "", 1),
		"too long":            strings.Replace(goodRecord, `"rev":1`, `"rev":1,"x":"`+strings.Repeat("x", MaxLine)+`"`, 1),
	}
	for name, raw := range refused {
		if _, err := DecodeLine([]byte(raw)); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: got %v, want ErrFormat", name, err)
		}
	}
}

func TestDecodeHeadRefuses(t *testing.T) {
	p := newPublisher(t)
	p.publish(record("a", 1))
	good, err := p.head.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := DecodeHead(good); err != nil {
		t.Fatal(err)
	}
	swap := func(from, to string) string {
		s := strings.Replace(string(good), from, to, 1)
		if s == string(good) {
			t.Fatalf("%q is not in %s", from, good)
		}
		return s
	}
	refused := map[string]string{
		"unknown key":          swap(`"seq"`, `"later":1,"seq"`),
		"unknown in segment":   swap(`"from"`, `"later":"a","from"`),
		"no first name":        swap(`,"first":"a"`, ``),
		"first is no name":     swap(`"first":"a"`, `"first":"../a"`),
		"another schema":       swap(HeadSchema, "kpm.index/v2"),
		"no repository":        swap(`"test"`, `""`),
		"seq 0":                swap(`"seq":1`, `"seq":0`),
		"epoch 0":              swap(`"epoch":1`, `"epoch":0`),
		"no chain":             swap(`"seq":1`, `"seq":2`),
		"expires before":       swap(`"expires":"2026-11-23`, `"expires":"2026-11-21`),
		"a part of 6 MiB":      swap(`"raw":`, `"raw":6291456`),
		"sum of other form":    swap(`"sum":"`, `"sum":"x`),
		"range upside down":    swap(`"from":0`, `"from":1`),
		"range beyond seq":     swap(`"to":1`, `"to":2`),
		"prev of another form": swap(`"prev":""`, `"prev":"abc"`),
	}
	refused["names descend"] = swap(`"first":"a"}`, `"first":"a"},`+strings.Replace(string(good[bytes.Index(good, []byte(`{"sha256"`)):bytes.Index(good, []byte(`]}]`))]), `"a"`, `"a"`, 1))
	for name, payload := range refused {
		if _, err := DecodeHead([]byte(payload)); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: got %v, want ErrFormat", name, err)
		}
	}
	if _, err := DecodeHead([]byte(swap(`"extensions":{}`, `"extensions":{"site":{"x":[{"y":1}]}}`))); err != nil {
		t.Errorf("an extension: %v", err)
	}
}

func TestDecodePartRefuses(t *testing.T) {
	lines := []Line{line(t, record("a", 1)), line(t, record("b", 2))}
	s, objects, err := encodeSegment(lines, 0, 2)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := DecodePart(s, 0, objects[0].Data); err != nil {
		t.Fatal(err)
	}
	a, b := string(lines[0].Raw)+"\n", string(lines[1].Raw)+"\n"
	for name, raw := range map[string]string{
		"not ascending":  b + a,
		"a name twice":   a + a,
		"no end":         a + strings.TrimSuffix(b, "\n"),
		"an empty line":  a + "\n" + b,
		"rev above":      strings.Replace(a, `"rev":1`, `"rev":3`, 1),
		"something else": "<html>\n",
		"another first":  b,
		"nothing":        "",
	} {
		data, err := gzipped.Pack([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		changed := Segment{s.From, s.To, []Part{{Raw: int64(len(raw)), First: "a"}}}
		if _, err := DecodePart(changed, 0, data); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: got %v, want ErrFormat", name, err)
		}
	}
	bomb, err := gzipped.Pack(make([]byte, 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"a bomb":          bomb,
		"a second member": append(slices.Clip(objects[0].Data), objects[0].Data...),
		"cut":             objects[0].Data[:20],
		"no gzip":         []byte("hello"),
	} {
		if _, err := DecodePart(s, 0, data); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: got %v, want ErrFormat", name, err)
		}
	}
}

func TestDocumentRoundTrip(t *testing.T) {
	d := &Document{Schema: DocumentSchema, Name: "a", Readme: "# a\n", Releases: []Release{{
		Version: "1.0.0", SHA256: DigestOf([]byte("x")), Size: 1, Tar: DigestOf([]byte("y")), Built: At(day),
	}}}
	o, err := d.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeDocument(Record{Name: "a", Version: "1.0.0"}, o.Data)
	if err != nil {
		t.Fatal(err)
	}
	if got.Readme != d.Readme || len(got.Releases) != 1 {
		t.Errorf("got %+v, want %+v", got, d)
	}
	for _, r := range []Record{{Name: "b", Version: "1.0.0"}, {Name: "a", Version: "9.0.0"}, {Name: "a"}} {
		if _, err := DecodeDocument(r, o.Data); !errors.Is(err, ErrFormat) {
			t.Errorf("as that of %s %s: got %v, want ErrFormat", r.Name, r.Version, err)
		}
	}
	if _, err := DecodeDocument(Record{Name: "a", Gone: "retired"}, o.Data); err != nil {
		t.Errorf("of what is gone: %v", err)
	}
	d.Releases = append(d.Releases, d.Releases[0])
	if _, err := d.Encode(); err == nil {
		t.Error("a version twice was written")
	}
}

func TestEnvelopeKeepsItsDigest(t *testing.T) {
	e := NewEnvelope([]byte(`{"a":"<ü>"}`), []byte(`{"b":1}`))
	data, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	spaced := strings.ReplaceAll(strings.Replace(string(data), `":`, "\" :\n ", 1), "ü", `\u00fc`)
	got, err := DecodeEnvelope([]byte(spaced))
	if err != nil {
		t.Fatal(err)
	}
	if got.Digest() != e.Digest() {
		t.Errorf("re-encoded, the payload is %q, want %q", got.Payload, e.Payload)
	}
	for name, bad := range map[string]string{
		"no signature":   `{"payload":"x","signatures":[]}`,
		"unknown key":    `{"payload":"x","signatures":[{}],"more":1}`,
		"payload twice":  `{"payload":"x","payload":"y","signatures":[{}]}`,
		"empty payload":  `{"payload":"","signatures":[{}]}`,
		"text signature": `{"payload":"x","signatures":["s"]}`,
		"too many":       `{"payload":"x","signatures":[{}` + strings.Repeat(",{}", MaxSignatures) + `]}`,
	} {
		if _, err := DecodeEnvelope([]byte(bad)); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: got %v, want ErrFormat", name, err)
		}
	}
}

func TestLayout(t *testing.T) {
	for got, want := range map[string]string{
		ArchivePath("a", "1.0.0+b.1"):    "kubes/a/a-1.0.0_b.1.tgz",
		ProvenancePath("a", "1.0.0"):     "kubes/a/a-1.0.0.tgz.sigstore.json",
		ObjectPath(DigestOf([]byte{})):   "objects/e3/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		TrustPath(3):                     "trust/3.json",
		HeadPath:                         "v1/index.json",
		string(DigestOf([]byte("abc"))):  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		fmt.Sprint(RefOf([]byte("abc"))): "{ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad 3}",
		cut("aü", 2):                     "a",
		cut("aü", 3):                     "aü",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(goodRecord))
	f.Add([]byte(`{"payload":"{}","signatures":[{}]}`))
	for _, golden := range []string{"head.json", "record.json", "gone.json", "document.json"} {
		seed, err := os.ReadFile("testdata/" + golden)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(bytes.TrimSpace(seed))
		packed, err := gzipped.Pack(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(packed) // as parts of segments and documents are stored
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if l, err := DecodeLine(data); err == nil {
			again, err := DecodeLine(l.Raw)
			if err != nil || again.Name != l.Name || again.Rev != l.Rev {
				t.Errorf("a line that was read is not read again: %v", err)
			}
		}
		if h, err := DecodeHead(data); err == nil {
			if _, err := h.Plan(0); err != nil {
				t.Errorf("a head that was read has no plan: %v", err)
			}
		}
		if e, err := DecodeEnvelope(data); err == nil {
			if _, err := e.Encode(); err != nil {
				t.Errorf("an envelope that was read cannot be written: %v", err)
			}
		}
		_, _ = DecodeDocument(Record{Name: "a", Version: "1.0.0"}, data)
		_, _ = DecodePart(Segment{To: 9, Parts: []Part{{Raw: 1 << 16, First: "a"}}}, 0, data)
	})
}
