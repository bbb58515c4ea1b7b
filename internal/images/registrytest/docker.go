package registrytest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// User opens a registry of Docker.
const User = "ann"

// Password is that of User.
const Password = "secret"

// htpasswd is Password for User, as bcrypt has it.
const htpasswd = "ann:$2b$04$Tu7xYWIvsMpa9VrQG6il3OgOgzwNe64sjq5Nmnlg4kdKhgyV58wue\n"

// Docker is Debian's docker-registry on this machine, with TLS.
type Docker struct {
	Host  string
	Roots *x509.CertPool // that know its certificate
}

// NewDocker starts one that asks who one is: "basic" for a password, "token" for a token
// of a server beside it. Where the program is missing, the test is skipped.
func NewDocker(t testing.TB, auth string) *Docker {
	t.Helper()
	program, err := exec.LookPath("docker-registry")
	if err != nil {
		t.Skip("docker-registry is not installed; on Debian: apt-get install docker-registry")
	}
	dir := t.TempDir()
	cert := newCertificate(t, dir)
	port := freePort(t)
	d := &Docker{Host: fmt.Sprintf("127.0.0.1:%d", port), Roots: cert.pool}
	config := fmt.Sprintf("version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: %s}}\nhttp: {addr: %q, tls: {certificate: %s, key: %s}}\n",
		filepath.Join(dir, "data"), d.Host, cert.file("cert.pem"), cert.file("key.pem"))
	switch auth {
	case "basic":
		write(t, cert.file("htpasswd"), []byte(htpasswd))
		config += fmt.Sprintf("auth: {htpasswd: {realm: test, path: %s}}\n", cert.file("htpasswd"))
	case "token":
		realm := cert.tokens(t)
		config += fmt.Sprintf("auth: {token: {realm: %q, service: test, issuer: test, rootcertbundle: %s}}\n", realm, cert.file("signer.pem"))
	}
	write(t, cert.file("config.yml"), []byte(config))
	log, err := os.Create(cert.file("log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "serve", cert.file("config.yml"))
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() //nolint:errcheck // it may have ended
		_ = cmd.Wait()         //nolint:errcheck // it was killed
		_ = log.Close()        //nolint:errcheck // read by nobody now
	})
	d.await(t, cert.file("log"))
	return d
}

// await waits until it answers.
func (d *Docker) await(t testing.TB, log string) {
	client := &http.Client{Transport: d.Transport()}
	deadline := time.Now().Add(time.Minute)
	for {
		resp, err := client.Get("https://" + d.Host + "/v2/")
		if err == nil {
			_ = resp.Body.Close() //nolint:errcheck // nobody reads it
			return
		}
		if time.Now().After(deadline) {
			said, _ := os.ReadFile(log) //nolint:errcheck // then it said nothing
			t.Fatalf("docker-registry does not answer: %v\n%s", err, said)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Transport trusts its certificate.
func (d *Docker) Transport() http.RoundTripper {
	return &http.Transport{TLSClientConfig: &tls.Config{RootCAs: d.Roots, MinVersion: tls.VersionTLS12}}
}

// Certificate writes one for this machine, signed by itself, and its key, and gives the
// names of the files.
func Certificate(t testing.TB, dir string) (cert, key string) {
	t.Helper()
	c := newCertificate(t, dir)
	return c.file("cert.pem"), c.file("key.pem")
}

// certificate is one for this machine, in files of a folder.
type certificate struct {
	dir  string
	pool *x509.CertPool
	pair tls.Certificate
}

func (c *certificate) file(name string) string { return filepath.Join(c.dir, name) }

func newCertificate(t testing.TB, dir string) *certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der := sign(t, &key.PublicKey, key)
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	c := &certificate{dir: dir, pool: x509.NewCertPool()}
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})
	write(t, c.file("cert.pem"), certPEM)
	write(t, c.file("key.pem"), keyPEM)
	c.pool.AppendCertsFromPEM(certPEM)
	if c.pair, err = tls.X509KeyPair(certPEM, keyPEM); err != nil {
		t.Fatal(err)
	}
	return c
}

// sign makes a certificate for this machine that signs itself.
func sign(t testing.TB, public any, key crypto.Signer) []byte {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// tokens starts a server that gives tokens for a password, and gives its address.
func (c *certificate) tokens(t testing.TB) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der := sign(t, &key.PublicKey, key)
	write(t, c.file("signer.pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, ok := r.BasicAuth(); !ok || user != User || password != Password {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"token": token(key, der, r.URL.Query()["scope"])}) //nolint:errcheck // the client hung up
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{c.pair}, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	t.Cleanup(server.Close)
	return strings.Replace(server.URL, "127.0.0.1", "localhost", 1) + "/token"
}

// token lets its bearer do what is asked for: repository:NAME:ACTIONS.
func token(key *rsa.PrivateKey, cert []byte, scopes []string) string {
	access := []map[string]any{}
	for _, scope := range scopes {
		if parts := strings.Split(scope, ":"); len(parts) == 3 {
			access = append(access, map[string]any{"type": parts[0], "name": parts[1], "actions": strings.Split(parts[2], ",")})
		}
	}
	now := time.Now().Unix()
	part := func(v any) string {
		text, _ := json.Marshal(v) //nolint:errcheck // plain maps
		return base64.RawURLEncoding.EncodeToString(text)
	}
	text := part(map[string]any{"typ": "JWT", "alg": "RS256", "x5c": []string{base64.StdEncoding.EncodeToString(cert)}}) + "." +
		part(map[string]any{"iss": "test", "sub": User, "aud": "test", "exp": now + 300, "nbf": now - 10, "iat": now, "jti": "1", "access": access})
	sum := sha256.Sum256([]byte(text))
	signature, _ := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:]) //nolint:errcheck // a key that was just made
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func write(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// freePort is below those that a system gives to connections: while the registry starts, one
// of another test would take a port from there.
func freePort(t testing.TB) int {
	t.Helper()
	for range 100 {
		l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 15000 + mathrand.IntN(15000)})
		if err != nil {
			continue
		}
		defer l.Close() //nolint:errcheck // nobody connected
		return l.Addr().(*net.TCPAddr).Port
	}
	t.Fatal("no port is free")
	return 0
}
