package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/signing"
	"github.com/kpm-sh/kpm/signing/signer"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"kpm-indexer": func() { os.Exit(start(scriptClock)) }})
}

// scriptClock is the clock of scripts: SOURCE_DATE_EPOCH, unless they want the true one.
func scriptClock() time.Time {
	sec, err := strconv.ParseInt(os.Getenv("SOURCE_DATE_EPOCH"), 10, 64)
	if err != nil || os.Getenv("CLOCK") == "true" {
		return time.Now()
	}
	return time.Unix(sec, 0)
}

// TestScript runs the command as users do. The first line of each script is the
// sentence of the contract that it guards.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("SOURCE_DATE_EPOCH", "1795341600")   // 2026-11-22T10:00:00Z
			env.Setenv("HTTPS_PROXY", "http://127.0.0.1:9") // no registry of the world is asked
			env.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(env.WorkDir))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"kube": kubeCmd, "code": codeCmd, "save": saveCmd, "same": sameCmd, "mode": modeCmd, "later": laterCmd,
			"damage": damageCmd, "trust": trustDocumentCmd, "commit": commitCmd,
		},
	})
}

// kubeCmd writes the folder of a valid Kube: kube DIR/NAME VERSION.
func kubeCmd(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: kube DIR/NAME VERSION")
	}
	dir, version := ts.MkAbs(args[0]), args[1]
	name := filepath.Base(dir)
	ts.Check(os.MkdirAll(filepath.Join(dir, "manifests"), 0o755))
	ts.Check(os.WriteFile(filepath.Join(dir, "K3.yaml"), fmt.Appendf(nil,
		"name: %s\nversion: %s\ndescription: A Kube to test with\nhome: https://example.org\ndetails: It is %s.\nmaintainers: [Ann Author <ann@example.org>]\nlicense: MIT\n",
		name, version, name), 0o644))
	ts.Check(os.WriteFile(filepath.Join(dir, "manifests/config.yaml"), fmt.Appendf(nil,
		"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: %s\ndata:\n  version: %q\n", name, version), 0o644))
}

// codeCmd runs kpm-indexer and wants an exit code: code N ARGS...
func codeCmd(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 1 {
		ts.Fatalf("usage: code N ARGS...")
	}
	want := args[0]
	err := ts.Exec("kpm-indexer", args[1:]...)
	got := "0"
	if err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if got != want {
		ts.Fatalf("exit code %s, want %s\n%s%s", got, want, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
	ts.Logf("%s%s", ts.ReadFile("stdout"), ts.ReadFile("stderr"))
}

// digests are the files of a folder, but for the lock.
func digests(ts *testscript.TestScript, dir string) string {
	var b strings.Builder
	ts.Check(filepath.WalkDir(ts.MkAbs(dir), func(at string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == ".lock" {
			return err
		}
		data, err := os.ReadFile(at)
		rel, _ := filepath.Rel(ts.MkAbs(dir), at)
		fmt.Fprintln(&b, rel, index.DigestOf(data))
		return err
	}))
	return b.String()
}

// saveCmd remembers a folder as it is: save DIR.
func saveCmd(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv("SAVED_"+args[0], digests(ts, args[0]))
}

// sameCmd compares a folder with what was saved, byte for byte, or with
// another one: same DIR [DIR].
func sameCmd(ts *testscript.TestScript, neg bool, args []string) {
	was := ts.Getenv("SAVED_" + args[0])
	if len(args) == 2 {
		was = digests(ts, args[1])
	}
	if now := digests(ts, args[0]); (now == was) == neg {
		ts.Fatalf("%s is\n%swas\n%s", args[0], now, was)
	}
}

// modeCmd wants permissions: mode 0600 FILE...
func modeCmd(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.ParseUint(args[0], 8, 32)
	ts.Check(err)
	for _, path := range args[1:] {
		info, err := os.Stat(ts.MkAbs(path))
		ts.Check(err)
		if got := info.Mode().Perm(); got != fs.FileMode(want) {
			ts.Fatalf("%s has mode %o, want %o", path, got, want)
		}
	}
}

// laterCmd moves the clock: later DAYS.
func laterCmd(ts *testscript.TestScript, _ bool, args []string) {
	now, err := strconv.ParseInt(ts.Getenv("SOURCE_DATE_EPOCH"), 10, 64)
	ts.Check(err)
	n, err := strconv.ParseInt(args[0], 10, 64)
	ts.Check(err)
	ts.Setenv("SOURCE_DATE_EPOCH", strconv.FormatInt(now+n*24*3600, 10))
}

// damageCmd flips a bit in the middle of each file: damage FILE...
func damageCmd(ts *testscript.TestScript, _ bool, args []string) {
	for _, path := range args {
		data, err := os.ReadFile(ts.MkAbs(path))
		ts.Check(err)
		data[len(data)/2] ^= 1
		ts.Check(os.WriteFile(ts.MkAbs(path), data, 0o644))
	}
}

// trustDocumentCmd signs the trust document after the newest one in a folder,
// with another index key: trust DIR NEW.pub.
func trustDocumentCmd(ts *testscript.TestScript, _ bool, args []string) {
	dir := ts.MkAbs(args[0])
	env, err := index.DecodeEnvelope([]byte(ts.ReadFile(filepath.Join(dir, "1.json"))))
	ts.Check(err)
	d, err := trust.DecodeDocument([]byte(env.Payload))
	ts.Check(err)
	pub, err := signing.ParsePublicKey([]byte(ts.ReadFile(args[1])))
	ts.Check(err)
	key, err := signer.ParseKey([]byte(ts.ReadFile(filepath.Join(dir, "trust.key"))), nil)
	ts.Check(err)
	d.Version = 2
	d.Signers["index"] = trust.KeySigner(pub)
	next, err := trust.Sign(d, key)
	ts.Check(err)
	data, err := next.Encode()
	ts.Check(err)
	ts.Check(os.WriteFile(filepath.Join(dir, "2.json"), data, 0o644))
}

// commitCmd compares the commit in the provenance of a release with a file:
// commit SITE NAME VERSION FILE.
func commitCmd(ts *testscript.TestScript, _ bool, args []string) {
	site, name, version := args[0], args[1], args[2]
	env, err := index.DecodeEnvelope([]byte(ts.ReadFile(filepath.Join(site, "trust/1.json"))))
	ts.Check(err)
	d, err := trust.Open(trust.PinOf(1, env), env)
	ts.Check(err)
	archive := []byte(ts.ReadFile(filepath.Join(site, index.ArchivePath(name, version))))
	v, err := trust.OpenProvenance(d, []byte(ts.ReadFile(filepath.Join(site, index.ProvenancePath(name, version)))), signing.Provenance{
		Repository: d.Repository, Name: name, Version: version, SHA256: string(index.DigestOf(archive)),
	})
	ts.Check(err)
	p, err := signing.ParseProvenance(v)
	ts.Check(err)
	if want := strings.TrimSpace(ts.ReadFile(args[3])); p.Commit != want {
		ts.Fatalf("%s %s names the commit %q, want %q", name, version, p.Commit, want)
	}
}

// A reader who is gone is none to be told: the code alone says it.
func TestClosedPipe(t *testing.T) {
	for _, args := range [][]string{{"version"}, {"--help"}, {"help", "build"}} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close() //nolint:errcheck // its reader is gone
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		var said strings.Builder
		code := run(t.Context(), args, stdio{out: w, err: &said, getenv: func(string) string { return "" }, clock: time.Now})
		if code != 1 || said.String() != "" {
			t.Errorf("kpm-indexer %v: got exit code %d: %s", args, code, said.String())
		}
	}
}
