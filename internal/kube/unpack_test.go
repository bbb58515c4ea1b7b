package kube_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/kube"
)

// entry is a tar entry below pony-1.0.0+corn.1/, or wherever Name says.
type entry struct {
	tar.Header
	data string
}

const folder = "pony-1.0.0+corn.1/"

// archive is a valid archive of pony with further entries.
func archive(t testing.TB, more ...entry) []byte {
	t.Helper()
	meta := entry{tar.Header{Name: folder + "K3.yaml"}, ponyMeta}
	manifest := entry{tar.Header{Name: folder + "manifests/a.yaml"}, "kind: ConfigMap\n"}
	return squeeze(t, rawTar(t, append([]entry{meta, manifest}, more...)...))
}

func rawTar(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		h := e.Header
		if h.Typeflag == 0 {
			h.Typeflag = tar.TypeReg
		}
		if h.Typeflag == tar.TypeReg {
			h.Size = int64(len(e.data))
		}
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, e.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func squeeze(t testing.TB, raw ...[]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	for _, r := range raw {
		if _, err := z.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func file(name string) entry {
	return entry{tar.Header{Name: name}, "x"}
}

func typed(flag byte) entry {
	return entry{tar.Header{Name: folder + "x", Typeflag: flag, Linkname: "K3.yaml"}, ""}
}

func TestUnpackAccepts(t *testing.T) {
	for name, packed := range map[string][]byte{
		"other key in K3.yaml": squeeze(t, rawTar(t,
			entry{tar.Header{Name: folder + "K3.yaml"}, ponyMeta + "future: {a: [b]}\n"})),
		"unsorted":      archive(t, file(folder+"b"), file(folder+"a")),
		"a PAX path":    archive(t, file(folder+strings.Repeat("ü", 100))),
		"longest path":  archive(t, file(folder+strings.Repeat("a/", 126)+"abc")),
		"other folders": archive(t, file(folder+"a/b/c"), file(folder+"a/d")),
	} {
		if _, err := kube.Unpack(bytes.NewReader(packed), "pony", "1.0.0+corn.1"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestUnpackRefuses(t *testing.T) {
	good := rawTar(t, entry{tar.Header{Name: folder + "K3.yaml"}, ponyMeta})
	packed := archive(t)
	half := make([]byte, 512)
	for name, c := range map[string]struct {
		packed []byte
		want   string // what is said
	}{
		"absolute":             {archive(t, file("/etc/passwd")), `entry "/etc/passwd" has an absolute path`},
		"dotdot":               {archive(t, file(folder+"../x")), `entry "pony-1.0.0+corn.1/../x" has .. in its path`},
		"dotdot first":         {archive(t, file("../x")), "has .. in its path"},
		"dot":                  {archive(t, file(folder+"./x")), "has . in its path"},
		"empty part":           {archive(t, file(folder+"/x")), "has an empty part"},
		"hidden":               {archive(t, file(folder+"a/.git/config")), "starts with a dot"},
		"releases":             {archive(t, file(folder+"releases.yaml")), "is never packed"},
		"outside":              {archive(t, file("horse-1.0.0/x")), "is not below pony-1.0.0+corn.1/"},
		"at the top":           {archive(t, file("x")), "is not below"},
		"symbolic link":        {archive(t, typed(tar.TypeSymlink)), "is a symbolic link"},
		"hard link":            {archive(t, typed(tar.TypeLink)), "is a hard link"},
		"char device":          {archive(t, typed(tar.TypeChar)), "is a device"},
		"block device":         {archive(t, typed(tar.TypeBlock)), "is a device"},
		"fifo":                 {archive(t, typed(tar.TypeFifo)), "is a named pipe"},
		"folder":               {archive(t, entry{tar.Header{Name: folder + "x/", Typeflag: tar.TypeDir}, ""}), "is a folder"},
		"contiguous file":      {archive(t, typed(tar.TypeCont)), "is of the type '7'"},
		"global header":        {archive(t, entry{tar.Header{Typeflag: tar.TypeXGlobalHeader, PAXRecords: map[string]string{"path": "x"}}, ""}), "is a header for all entries"},
		"PAX record":           {archive(t, entry{tar.Header{Name: folder + "x", PAXRecords: map[string]string{"KPM.x": "y"}}, ""}), `has the PAX record "KPM.x"`},
		"PAX path override":    {archive(t, entry{tar.Header{Name: folder + "../../" + strings.Repeat("ü", 80)}, ""}), "has .. in its path"},
		"GNU format":           {archive(t, entry{tar.Header{Name: folder + "x", Format: tar.FormatGNU}, ""}), "neither ustar nor PAX"},
		"twice":                {archive(t, file(folder+"K3.yaml")), `entry "pony-1.0.0+corn.1/K3.yaml" is there twice`},
		"case":                 {archive(t, file(folder+"k3.yaml")), `differs from "K3.yaml" only in case`},
		"case of a folder":     {archive(t, file(folder+"Manifests/b.yaml")), `differs from "manifests" only in case`},
		"file and folder":      {archive(t, file(folder+"a"), file(folder+"a/b")), "is a file and a folder"},
		"folder and file":      {archive(t, file(folder+"a/b"), file(folder+"a")), "is a file and a folder"},
		"backslash":            {archive(t, file(folder+`a\b`)), `has \ in its name`},
		"colon":                {archive(t, file(folder+"c:a")), "has : in its name"},
		"not UTF-8":            {archive(t, file(folder+"\xff")), "not UTF-8"},
		"control character":    {archive(t, file(folder+"a\nb")), "control or format character U+000A"},
		"escape":               {archive(t, file(folder+"\x1b[31m")), "control or format character U+001B"},
		"bidi character":       {archive(t, file(folder+"a\u202eb")), "control or format character U+202E"},
		"decomposed":           {archive(t, file(folder+"e\u0301")), "NFC"},
		"device name":          {archive(t, file(folder+"docs/NUL.txt")), "reserved on Windows"},
		"trailing dot":         {archive(t, file(folder+"a./b")), "ends in a dot"},
		"long path":            {archive(t, file(folder+strings.Repeat("a/", 127)+"ab")), "more than 255"},
		"big manifest":         {archive(t, entry{tar.Header{Name: folder + "manifests/z.json"}, string(make([]byte, kube.MaxManifest+1))}), "more than 4194304"},
		"too many files":       {archive(t, many()...), "is one more than the 4096 files"},
		"too much":             {archive(t, large()...), "makes it more than 67108864 bytes"},
		"other name":           {squeeze(t, rawTar(t, entry{tar.Header{Name: "horse-1.0.0/K3.yaml"}, strings.NewReplacer("pony", "horse", "+corn.1", "").Replace(ponyMeta)})), "that of horse 1.0.0, not of pony"},
		"other folder":         {squeeze(t, rawTar(t, entry{tar.Header{Name: "pony-1.0.1/K3.yaml"}, ponyMeta})), `folder "pony-1.0.1" is not that of pony-1.0.0+corn.1`},
		"no K3.yaml":           {squeeze(t, rawTar(t, file(folder+"x"))), "K3.yaml is missing"},
		"bad K3.yaml":          {squeeze(t, rawTar(t, entry{tar.Header{Name: folder + "K3.yaml"}, "name: pony\nname: pony\n"})), "there twice"},
		"no entry":             {squeeze(t, rawTar(t)), "K3.yaml is missing"},
		"no tar":               {squeeze(t), "breaks off"},
		"no gzip":              {good, "reading gzip"},
		"nothing":              {nil, "reading gzip"},
		"second gzip member":   {append(bytes.Clone(packed), packed...), "bytes after the gzip member"},
		"trailing garbage":     {append(bytes.Clone(packed), 0), "bytes after the gzip member"},
		"bytes after the tar":  {squeeze(t, good, []byte{0}), "bytes after the end of the tar"},
		"tar after the tar":    {squeeze(t, good, good), "bytes after the end of the tar"},
		"one zero block":       {squeeze(t, good[:len(good)-512]), "breaks off"},
		"half a zero block":    {squeeze(t, good[:len(good)-256]), "unexpected EOF"},
		"no zero block":        {squeeze(t, good[:len(good)-1024]), "breaks off"},
		"zeros in the file":    {squeeze(t, zeroTail(t)), "breaks off"},
		"data after one block": {squeeze(t, good[:len(good)-512], bytes.Repeat([]byte{1}, 512), half), "reading tar"},
		"cut in the data":      {squeeze(t, good[:520]), "unexpected EOF"},
		"cut in the gzip":      {packed[:len(packed)-9], "unexpected EOF"},
		"cut checksum":         {packed[:len(packed)-1], "unexpected EOF"},
		"wrong checksum":       {append(bytes.Clone(packed[:len(packed)-8]), make([]byte, 8)...), "checksum"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := kube.Unpack(bytes.NewReader(c.packed), "pony", "1.0.0+corn.1")
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func many() []entry {
	var es []entry
	for i := range kube.MaxFiles {
		es = append(es, file(folder+"x/"+strings.Repeat("y", 1+i%100)+"/"+strings.Repeat("z", 1+i/100)))
	}
	return es
}

func large() []entry {
	zeros := string(make([]byte, 16<<20))
	var es []entry
	for _, name := range []string{"a", "b", "c", "d"} {
		es = append(es, entry{tar.Header{Name: folder + name}, zeros})
	}
	return es
}

// zeroTail is a tar that ends where the zeros of its last file do.
func zeroTail(t testing.TB) []byte {
	raw := rawTar(t,
		entry{tar.Header{Name: folder + "K3.yaml"}, ponyMeta},
		entry{tar.Header{Name: folder + "zeros"}, string(make([]byte, 4096))})
	return raw[:len(raw)-1024]
}

// TestUnpackBomb reads 128 MiB of zeros, packed to 128 KiB, as a header that claims
// them, as a run of zero blocks and as one huge PAX header.
func TestUnpackBomb(t *testing.T) {
	header := rawTar(t, entry{tar.Header{Name: folder + "x"}, ""})[:512]
	claims := bytes.Clone(header)
	copy(claims[124:136], "00777777777\x00") // 128 MiB in octal
	checksum(claims)
	pax := bytes.Clone(claims)
	pax[156] = tar.TypeXHeader
	checksum(pax)
	for name, first := range map[string][]byte{"claimed": claims, "zeros": nil, "PAX header": pax} {
		t.Run(name, func(t *testing.T) {
			packed := bomb(t, first)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := kube.Unpack(bytes.NewReader(packed), "pony", "1.0.0+corn.1")
			runtime.ReadMemStats(&after)
			if err == nil {
				t.Error("unpacked")
			}
			if got := after.TotalAlloc - before.TotalAlloc; got > 8<<20 {
				t.Errorf("took %d bytes of memory", got)
			}
		})
	}
}

func bomb(t testing.TB, first []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	zeros := make([]byte, 1<<20)
	if _, err := z.Write(first); err != nil {
		t.Fatal(err)
	}
	for range 128 {
		if _, err := z.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// checksum writes the checksum of a ustar header into it.
func checksum(h []byte) {
	copy(h[148:156], "        ")
	sum := 0
	for _, c := range h {
		sum += int(c)
	}
	for i := 153; i >= 148; i-- {
		h[i] = byte('0' + sum&7)
		sum >>= 3
	}
	h[154], h[155] = 0, ' '
}

func FuzzUnpack(f *testing.F) {
	f.Add(rawTar(f, entry{tar.Header{Name: folder + "K3.yaml"}, ponyMeta}))
	f.Add(rawTar(f, entry{tar.Header{Name: folder + "K3.yaml"}, ponyMeta}, file(folder+strings.Repeat("ü", 80)), file(folder+"manifests/a.yaml")))
	f.Add(rawTar(f, typed(tar.TypeSymlink)))
	f.Add([]byte("no tar"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		k, err := kube.Unpack(bytes.NewReader(squeeze(t, raw)), "", "")
		if err != nil {
			return
		}
		if len(k.Manifests())+len(k.Templates()) == 0 {
			return // Unpack does not ask for a manifest, Pack does
		}
		again, err := kube.Unpack(bytes.NewReader(pack(t, k)), k.Name, k.Version.String())
		if err != nil || len(again.Files) != len(k.Files) {
			t.Errorf("what was unpacked does not pack: %v", err)
		}
	})
}
