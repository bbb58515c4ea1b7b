package signingtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/digitorus/timestamp"
	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore-go/pkg/testing/ca"
)

// Services is a Sigstore instance whose services answer on loopback: a certificate
// authority, a log of version 1 or 2 and a timestamp authority.
type Services struct {
	t         testing.TB
	server    *httptest.Server
	version   int // of the log
	log       *ecdsa.PrivateKey
	authority authority
	stamps    authority
	issuers   []root.CertificateAuthority  // all that there were
	stampers  []root.TimestampingAuthority // all that there were

	requests atomic.Int64
	refuse   atomic.Int64 // requests that are answered with 503 yet
	entries  atomic.Int64
	issued   atomic.Int64
}

// authority is the certificate that an authority signs with.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// Serve starts an instance whose log is of the version, and stops it with the test.
func Serve(t testing.TB, version int) *Services {
	t.Helper()
	s := &Services{t: t, version: version, log: newKey(t)}
	s.Rotate()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/v2/signingCert", s.certify)
	mux.HandleFunc("POST /api/v1/timestamp", s.stamp)
	mux.HandleFunc("POST /api/v1/log/entries", s.enterV1)
	mux.HandleFunc("POST /api/v2/log/entries", s.enterV2)
	s.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		if s.refuse.Add(-1) >= 0 {
			w.Header().Set("Retry-After", "0")
			http.Error(w, "too much to do", http.StatusServiceUnavailable)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(s.server.Close)
	return s
}

// Rotate gives the authorities new keys: what they sign from now on nobody knows who has
// the trusted root of before. The next one has both.
func (s *Services) Rotate() {
	s.t.Helper()
	top, topKey, err := ca.GenerateRootCa()
	s.must(err)
	issuer, issuerKey, err := ca.GenerateFulcioIntermediate(top, topKey)
	s.must(err)
	stamps, stampsKey, err := ca.GenerateTSAIntermediate(top, topKey)
	s.must(err)
	key := newKey(s.t)
	leaf, err := ca.GenerateTSALeafCert(time.Now().Add(-5*time.Minute), key, stamps, stampsKey)
	s.must(err)
	s.authority = authority{issuer, issuerKey}
	s.stamps = authority{leaf, key}
	from, until := time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
	s.issuers = append(s.issuers, &root.FulcioCertificateAuthority{
		Root: top, Intermediates: []*x509.Certificate{issuer}, ValidityPeriodStart: from, ValidityPeriodEnd: until,
	})
	s.stampers = append(s.stampers, &root.SigstoreTimestampingAuthority{
		Root: top, Intermediates: []*x509.Certificate{stamps}, Leaf: leaf, ValidityPeriodStart: from, ValidityPeriodEnd: until,
	})
}

// Refuse has the next n requests answered as by a service that has too much to do.
func (s *Services) Refuse(n int64) { s.refuse.Store(n) }

// Requests is how many there were, Issued how many certificates, and Entered how many
// entries the log got.
func (s *Services) Requests() int64 { return s.requests.Load() }

// Issued is how many certificates were given out.
func (s *Services) Issued() int64 { return s.issued.Load() }

// Entered is how many entries the log got.
func (s *Services) Entered() int64 { return s.entries.Load() }

// Config is its signing config.
func (s *Services) Config() []byte {
	return signingConfig(s.server.URL, s.server.URL, s.version, s.server.URL+"/api/v1/timestamp")
}

// TrustedRoot is its trusted_root.json.
func (s *Services) TrustedRoot() []byte {
	s.t.Helper()
	from, until := time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
	r, err := root.NewTrustedRoot(root.TrustedRootMediaType01, s.issuers, nil, s.stampers,
		map[string]*root.TransparencyLog{hex.EncodeToString(s.logID()): {
			BaseURL: "https://" + logOrigin, ID: s.logID(), ValidityPeriodStart: from, ValidityPeriodEnd: until,
			HashFunc: crypto.SHA256, PublicKey: s.log.Public(), SignatureHashFunc: crypto.SHA256,
		}})
	s.must(err)
	text, err := json.Marshal(r)
	s.must(err)
	return text
}

// Token is an identity token of Issuer for somebody whose certificates name the SAN and,
// unless it is empty, the source repository.
func Token(san, sourceRepository string) string {
	claims, err := json.Marshal(map[string]any{
		"iss": Issuer, "sub": san, "aud": "sigstore", "source_repository": sourceRepository, "exp": time.Now().Add(time.Hour).Unix(),
	})
	if err != nil {
		panic(err) // strings alone
	}
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none"}`)) + "." + encode(claims) + "."
}

// certify is the certificate authority, which believes whatever a token says.
func (s *Services) certify(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		PublicKeyRequest struct{ PublicKey struct{ Content string } }
	}
	parts := strings.Split(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), ".")
	if len(parts) != 3 {
		http.Error(w, "There was an error processing the identity token", http.StatusUnauthorized)
		return
	}
	var claims struct {
		Issuer string `json:"iss"`
		SAN    string `json:"sub"`
		Source string `json:"source_repository"`
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	s.must(err)
	s.must(json.Unmarshal(text, &claims))
	s.must(json.NewDecoder(r.Body).Decode(&asked))
	block, _ := pem.Decode([]byte(asked.PublicKeyRequest.PublicKey.Content))
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	s.must(err)
	leaf := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.leaf(key, claims.Issuer, claims.SAN, claims.Source)})
	s.issued.Add(1)
	s.answer(w, http.StatusOK, map[string]any{"signedCertificateEmbeddedSct": map[string]any{"chain": map[string]any{"certificates": []string{string(leaf)}}}})
}

// leaf is a certificate as Fulcio makes them.
func (s *Services) leaf(key any, issuer, san, source string) []byte {
	uri, err := url.Parse(san)
	s.must(err)
	extension := func(last int, value string) pkix.Extension {
		der, err := asn1.MarshalWithParams(value, "utf8")
		s.must(err)
		return pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1, last}, Value: der}
	}
	cert := &x509.Certificate{
		SerialNumber: big.NewInt(s.issued.Load() + 1), URIs: []*url.URL{uri},
		NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(10 * time.Minute),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning},
		ExtraExtensions: []pkix.Extension{extension(8, issuer)},
	}
	if source != "" {
		cert.ExtraExtensions = append(cert.ExtraExtensions, extension(12, source))
	}
	der, err := x509.CreateCertificate(rand.Reader, cert, s.authority.certificate, key, s.authority.key)
	s.must(err)
	return der
}

// stamp is the timestamp authority.
func (s *Services) stamp(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	s.must(err)
	asked, err := timestamp.ParseRequest(body)
	s.must(err)
	stamp := timestamp.Timestamp{
		HashAlgorithm: asked.HashAlgorithm, HashedMessage: asked.HashedMessage, Time: time.Now(),
		Policy: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 2},
	}
	text, err := stamp.CreateResponseWithOpts(s.stamps.certificate, s.stamps.key, crypto.SHA256)
	s.must(err)
	w.WriteHeader(http.StatusCreated)
	_, _ = w.Write(text) //nolint:errcheck // who asked may be gone
}

// logID is the digest of the log's key.
func (s *Services) logID() []byte {
	der, err := x509.MarshalPKIXPublicKey(s.log.Public())
	s.must(err)
	sum := sha256.Sum256(der)
	return sum[:]
}

func (s *Services) answer(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	s.must(json.NewEncoder(w).Encode(v))
}

// must ends a handler or a test that went wrong.
func (s *Services) must(err error) {
	if err != nil {
		panic(fmt.Sprintf("signingtest: %v", err))
	}
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}
