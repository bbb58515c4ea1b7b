package signingtest

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/sigstore/sigstore-go/pkg/root"
)

// trillianTables is the file beside the programs that has the tables of trillian's
// storage in PostgreSQL.
const trillianTables = "trillian.sql"

// RekorV1 says what is missing of a log of version 1, in the folder bin and on this
// machine; "" is nothing.
func RekorV1(bin string) string {
	for _, name := range []string{"rekor-server", "trillian_log_server", "trillian_log_signer", trillianTables} {
		if _, err := os.Stat(filepath.Join(bin, name)); err != nil {
			return name
		}
	}
	if postgres() == "" {
		return "PostgreSQL"
	}
	return ""
}

// postgres is the folder of PostgreSQL's programs: "" where there are none. Debian keeps
// those of a server out of PATH.
func postgres() string {
	if at, err := exec.LookPath("initdb"); err == nil {
		if at, err = filepath.EvalSymlinks(at); err == nil { // the others lie beside the real one
			return filepath.Dir(at)
		}
	}
	all, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(all) == 0 {
		return ""
	}
	return filepath.Dir(all[len(all)-1])
}

// startV1 starts rekor with a log of trillian, which lies in a database of PostgreSQL
// that listens on a socket of the test's alone.
func (r *Real) startV1(bin string) {
	r.t.Helper()
	dir, err := os.MkdirTemp("/tmp", "kpm-rekor-") // where another user may go, too; the path of a socket has 107 bytes at most
	r.must(err)
	r.t.Cleanup(func() { _ = os.RemoveAll(dir) }) //nolint:errcheck // a temporary folder
	programs, data := postgres(), filepath.Join(dir, "data")
	as := r.databaseUser(dir)
	r.ran(slices.Concat(as, []string{filepath.Join(programs, "initdb"), "-D", data, "-A", "trust", "-U", "trillian", "--no-sync"})...)
	server := slices.Concat(as, []string{filepath.Join(programs, "postgres"), "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off"})
	r.start(server[0], server[1:]...)
	r.wait("PostgreSQL", func() error {
		return exec.CommandContext(r.t.Context(), filepath.Join(programs, "pg_isready"), "-q", "-h", dir).Run()
	})
	r.ran(filepath.Join(programs, "psql"), "-h", dir, "-U", "trillian", "-d", "postgres", "-q", "-v", "ON_ERROR_STOP=1", "-f", filepath.Join(bin, trillianTables))

	log, sequencer, port := freePort(r.t), freePort(r.t), freePort(r.t)
	storage := []string{"--storage_system=postgresql", "--quota_system=noop", "--postgresql_uri=postgresql://trillian@/postgres?host=" + dir, "--http_endpoint=", "--logtostderr"}
	r.start(filepath.Join(bin, "trillian_log_server"), slices.Concat(storage, []string{"--rpc_endpoint=127.0.0.1:" + log})...)
	r.start(filepath.Join(bin, "trillian_log_signer"), slices.Concat(storage, []string{"--rpc_endpoint=127.0.0.1:" + sequencer, "--force_master", "--sequencer_interval=100ms", "--batch_size=100"})...)
	r.wait("trillian", func() error {
		c, err := net.Dial("tcp", "127.0.0.1:"+log)
		if err == nil {
			err = c.Close()
		}
		return err
	})
	r.start(filepath.Join(bin, "rekor-server"), "serve", "--host", "127.0.0.1", "--port", port, "--rekor_server.address", "127.0.0.1", "--rekor_server.hostname", realLog, "--rekor_server.signer", "memory",
		"--trillian_log_server.address", "127.0.0.1", "--trillian_log_server.port", log, "--enabled_api_endpoints", "getLogInfo,getPublicKey,getLogProof,createLogEntry,getLogEntryByIndex,getLogEntryByUUID", "--enable_retrieve_api=false")
	r.rekor = "http://127.0.0.1:" + port
	r.get(r.rekor + "/api/v1/log")
}

// databaseUser is what stands before a command that root may not run: PostgreSQL refuses
// to be root. The folder is given to who runs it.
func (r *Real) databaseUser(dir string) []string {
	r.t.Helper()
	if os.Geteuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	r.must(err)
	uid, err := strconv.Atoi(u.Uid)
	r.must(err)
	gid, err := strconv.Atoi(u.Gid)
	r.must(err)
	r.must(os.Chown(dir, uid, gid))
	return []string{"setpriv", "--reuid", u.Uid, "--regid", u.Gid, "--clear-groups"}
}

// ran runs a program to its end, somewhere that anybody may be.
func (r *Real) ran(command ...string) {
	r.t.Helper()
	cmd := exec.CommandContext(r.t.Context(), command[0], command[1:]...)
	cmd.Dir = "/"
	if out, err := cmd.CombinedOutput(); err != nil {
		r.t.Fatalf("%s: %v: %s", command, err, out)
	}
}

// logV1 is a log of version 1 as a trusted root names it.
func (r *Real) logV1(from time.Time) *root.TransparencyLog {
	r.t.Helper()
	block, _ := pem.Decode(r.get(r.rekor + "/api/v1/log/publicKey"))
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	r.must(err)
	sum := sha256.Sum256(block.Bytes)
	return &root.TransparencyLog{
		BaseURL: r.rekor, ID: sum[:], ValidityPeriodStart: from, HashFunc: crypto.SHA256, PublicKey: key, SignatureHashFunc: crypto.SHA256,
	}
}
