package signingtest

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/sigstore/rekor-tiles/v2/pkg/note"
	"github.com/sigstore/sigstore-go/pkg/root"
)

// Real is a Sigstore instance of Sigstore's own programs: fulcio, timestamp-authority, and
// as its log rekor-tiles, which is version 2, or rekor, which is version 1; with an issuer
// of identity tokens of ours, which speaks as GitHub Actions does.
type Real struct {
	t                      testing.TB
	version                int // of the log
	issuer                 *httptest.Server
	key                    *ecdsa.PrivateKey // of the issuer
	log                    ed25519.PublicKey // of version 2
	fulcio, rekor, stamper string            // URLs
}

const realLog = "rekor.example"

// issuance is how fulcio is told what certificates for jobs of the issuer say.
const issuance = `
oidc-issuers:
  %[1]s:
    issuer-url: %[1]s
    client-id: sigstore
    type: ci-provider
    ci-provider: github-workflow
ci-issuer-metadata:
  github-workflow:
    default-template-values: {url: "https://github.com"}
    extension-templates:
      source-repository-uri: "{{ .url }}/{{ .repository }}"
    subject-alternative-name-template: "{{ .url }}/{{ .job_workflow_ref }}"
`

// Run starts the programs fulcio, timestamp-server and those of a log of that version, 1
// or 2, of the folder bin, and ends them with the test. Fulcio tells its metrics to all
// networks, so it belongs into an empty one.
func Run(t testing.TB, bin string, version int) *Real {
	t.Helper()
	r := &Real{t: t, version: version, key: newKey(t)}
	r.issuer = httptest.NewServer(http.HandlerFunc(r.issue))
	t.Cleanup(r.issuer.Close)
	dir := t.TempDir()
	r.must(os.WriteFile(filepath.Join(dir, "fulcio.yaml"), fmt.Appendf(nil, issuance, r.issuer.URL), 0o600))
	p := make([]string, 4)
	for i := range p {
		p[i] = freePort(t)
	}
	r.start(filepath.Join(bin, "timestamp-server"), "serve", "--host", "127.0.0.1", "--port", p[0], "--timestamp-signer", "memory", "--disable-ntp-monitoring")
	r.start(filepath.Join(bin, "fulcio"), "serve", "--ca", "ephemeralca", "--ct-log-url=", "--config-path", filepath.Join(dir, "fulcio.yaml"), "--legacy-unix-domain-socket", filepath.Join(dir, "f.sock"),
		"--host", "127.0.0.1", "--port", p[1], "--grpc-host", "127.0.0.1", "--grpc-port", p[2], "--metrics-port", p[3])
	r.stamper, r.fulcio = "http://127.0.0.1:"+p[0], "http://127.0.0.1:"+p[1]
	if version == 1 {
		r.startV1(bin)
	} else {
		r.startV2(bin, dir)
	}
	for _, at := range []string{r.stamper + "/ping", r.fulcio + "/api/v2/trustBundle"} {
		r.get(at)
	}
	return r
}

// startV2 starts rekor-tiles, with a log in the folder dir.
func (r *Real) startV2(bin, dir string) {
	r.t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	r.must(err)
	r.log = public
	der, err := x509.MarshalPKCS8PrivateKey(private)
	r.must(err)
	r.must(os.WriteFile(filepath.Join(dir, "log.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600))
	port := freePort(r.t)
	r.start(filepath.Join(bin, "rekor-tiles"), "serve", "--hostname", realLog, "--storage-dir", filepath.Join(dir, "log"), "--signer-filepath", filepath.Join(dir, "log.pem"),
		"--http-port", port, "--grpc-port", freePort(r.t), "--http-metrics-port", freePort(r.t), "--checkpoint-interval", "100ms", "--batch-max-age", "20ms")
	r.rekor = "http://127.0.0.1:" + port
	r.get(r.rekor + "/healthz")
}

// logV2 is a log of version 2 as a trusted root names it.
func (r *Real) logV2(from time.Time) *root.TransparencyLog {
	r.t.Helper()
	_, id, err := note.KeyHash(realLog, r.log)
	r.must(err)
	return &root.TransparencyLog{BaseURL: "https://" + realLog, ID: id, ValidityPeriodStart: from, HashFunc: crypto.SHA256, PublicKey: r.log}
}

func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // it was free
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// start runs a program until the test ends.
func (r *Real) start(program string, args ...string) {
	r.t.Helper()
	var said bytes.Buffer
	cmd := exec.CommandContext(r.t.Context(), program, args...)
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.Dir, cmd.WaitDelay = "/", 5*time.Second
	r.must(cmd.Start())
	r.t.Cleanup(func() {
		_ = cmd.Process.Kill() //nolint:errcheck // it may have ended
		_ = cmd.Wait()         //nolint:errcheck // it was killed
		if r.t.Failed() {
			text := said.String()
			r.t.Logf("%s said: %s", filepath.Base(program), text[max(0, len(text)-4000):])
		}
	})
}

// wait tries until something that is starting is there, for up to half a minute.
func (r *Real) wait(what string, try func() error) {
	r.t.Helper()
	var last error
	for until := time.Now().Add(30 * time.Second); time.Now().Before(until); {
		if last = try(); last == nil {
			return
		}
		select {
		case <-r.t.Context().Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
	r.t.Fatalf("waiting for %s: %v", what, last)
}

// get asks a service that may be starting.
func (r *Real) get(at string) (body []byte) {
	r.t.Helper()
	r.wait(at, func() error {
		resp, err := http.Get(at)
		if err != nil {
			return err
		}
		defer resp.Body.Close() //nolint:errcheck // read only
		body, err = io.ReadAll(resp.Body)
		if err == nil && resp.StatusCode != http.StatusOK {
			err = fmt.Errorf("status %d: %s", resp.StatusCode, body)
		}
		return err
	})
	return body
}

// Issuer is who issues the tokens.
func (r *Real) Issuer() string { return r.issuer.URL }

// issue is the issuer as who checks its tokens sees it.
func (r *Real) issue(w http.ResponseWriter, q *http.Request) {
	answer := any(map[string]any{
		"issuer": r.issuer.URL, "jwks_uri": r.issuer.URL + "/keys", "authorization_endpoint": r.issuer.URL, "token_endpoint": r.issuer.URL,
		"response_types_supported": []string{"id_token"}, "subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"ES256"},
	})
	if q.URL.Path == "/keys" {
		number := base64.RawURLEncoding.EncodeToString
		point, err := r.key.PublicKey.Bytes() // 4, X, Y
		r.must(err)
		answer = map[string]any{"keys": []any{map[string]string{"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "1", "x": number(point[1:33]), "y": number(point[33:])}}}
	}
	w.Header().Set("Content-Type", "application/json")
	r.must(json.NewEncoder(w).Encode(answer))
}

// Token is an identity token of a job of a repository, OWNER/REPO, that runs a workflow,
// OWNER/REPO/FILE@REF.
func (r *Real) Token(repository, workflow string) string {
	r.t.Helper()
	encode := base64.RawURLEncoding.EncodeToString
	claims, err := json.Marshal(map[string]any{
		"iss": r.issuer.URL, "sub": "repo:" + repository + ":ref:refs/heads/main", "aud": "sigstore", "iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
		"event_name": "push", "sha": "0000000000000000000000000000000000000000", "workflow": "publish", "repository": repository, "ref": "refs/heads/main",
		"job_workflow_ref": workflow, "job_workflow_sha": "0000000000000000000000000000000000000000", "runner_environment": "github-hosted",
		"repository_id": "1", "repository_owner": "acme", "repository_owner_id": "1", "workflow_ref": workflow, "workflow_sha": "0000000000000000000000000000000000000000",
		"run_id": "1", "run_attempt": "1", "repository_visibility": "public",
	})
	r.must(err)
	text := encode([]byte(`{"alg":"ES256","kid":"1","typ":"JWT"}`)) + "." + encode(claims)
	sum := sha256.Sum256([]byte(text))
	a, b, err := ecdsa.Sign(rand.Reader, r.key, sum[:])
	r.must(err)
	return text + "." + encode(append(a.FillBytes(make([]byte, 32)), b.FillBytes(make([]byte, 32))...))
}

// Config is its signing config. A log of version 1 proves the time by itself: with
// stamped, the timestamp authority does, too.
func (r *Real) Config(stamped bool) []byte {
	stamper := ""
	if stamped {
		stamper = r.stamper + "/api/v1/timestamp"
	}
	return signingConfig(r.fulcio, r.rekor, r.version, stamper)
}

// TrustedRoot is its trusted_root.json.
func (r *Real) TrustedRoot() []byte {
	r.t.Helper()
	var bundle struct {
		Chains []struct{ Certificates []string }
	}
	r.must(json.Unmarshal(r.get(r.fulcio+"/api/v2/trustBundle"), &bundle))
	issuers := r.certificates([]byte(bundle.Chains[0].Certificates[0]))
	stamps := r.certificates(r.get(r.stamper + "/api/v1/timestamp/certchain"))
	last := len(stamps) - 1
	from := time.Now().Add(-time.Hour)
	log := r.logV2
	if r.version == 1 {
		log = r.logV1
	}
	entered := log(from)
	text, err := root.NewTrustedRoot(root.TrustedRootMediaType01,
		[]root.CertificateAuthority{&root.FulcioCertificateAuthority{URI: r.fulcio, Root: issuers[0], ValidityPeriodStart: from}}, nil,
		[]root.TimestampingAuthority{&root.SigstoreTimestampingAuthority{
			URI: r.stamper, Leaf: stamps[0], Intermediates: stamps[1:last], Root: stamps[last], ValidityPeriodStart: from,
		}},
		map[string]*root.TransparencyLog{hex.EncodeToString(entered.ID): entered})
	r.must(err)
	out, err := json.Marshal(text)
	r.must(err)
	return out
}

func (r *Real) certificates(text []byte) []*x509.Certificate {
	r.t.Helper()
	var all []*x509.Certificate
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		c, err := x509.ParseCertificate(block.Bytes)
		r.must(err)
		all = append(all, c)
	}
	return all
}

func (r *Real) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// signingConfig names a service of each kind; no timestamp authority where stamper is "".
func signingConfig(authority, log string, version int, stamper string) []byte {
	service := func(url string, version int) []map[string]any {
		return []map[string]any{{
			"url": url, "majorApiVersion": version, "operator": "test", "validFor": map[string]string{"start": "2020-01-01T00:00:00Z"},
		}}
	}
	config := map[string]any{
		"mediaType": root.SigningConfigMediaType02, "caUrls": service(authority, 1),
		"rekorTlogUrls": service(log, version), "rekorTlogConfig": map[string]string{"selector": "ANY"},
	}
	if stamper != "" {
		config["tsaUrls"], config["tsaConfig"] = service(stamper, 1), map[string]string{"selector": "ANY"}
	}
	text, err := json.Marshal(config)
	if err != nil {
		panic(err) // strings and numbers alone
	}
	return text
}
