package signingtest

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/go-openapi/runtime"
	protocommon "github.com/sigstore/protobuf-specs/gen/pb-go/common/v1"
	protorekor "github.com/sigstore/protobuf-specs/gen/pb-go/rekor/v1"
	rekorv2 "github.com/sigstore/rekor-tiles/v2/pkg/generated/protobuf"
	"github.com/sigstore/rekor-tiles/v2/pkg/note"
	"github.com/sigstore/rekor/pkg/generated/models"
	"github.com/sigstore/rekor/pkg/types"
	_ "github.com/sigstore/rekor/pkg/types/dsse/v0.0.1"         // for UnmarshalEntry
	_ "github.com/sigstore/rekor/pkg/types/hashedrekord/v0.0.1" // for UnmarshalEntry
	"github.com/sigstore/sigstore/pkg/signature"
	sumdb "golang.org/x/mod/sumdb/note"
	"google.golang.org/protobuf/encoding/protojson"
)

// logOrigin is what the log calls itself. Each of its entries is a tree of its own, of
// one leaf.
const logOrigin = "log.example"

// enterV1 is the log of version 1, which says when it entered what.
func (s *Services) enterV1(w http.ResponseWriter, r *http.Request) {
	proposed, err := models.UnmarshalProposedEntry(r.Body, runtime.JSONConsumer())
	s.must(err)
	entry, err := types.CreateVersionedEntry(proposed)
	s.must(err)
	body, err := types.CanonicalizeEntry(context.Background(), entry)
	s.must(err)
	s.entries.Add(1)
	leaf := leafHash(body)
	at, id, encoded := time.Now().Unix(), hex.EncodeToString(s.logID()), base64.StdEncoding.EncodeToString(body)
	promise, err := json.Marshal(map[string]any{"body": encoded, "integratedTime": at, "logID": id, "logIndex": 0}, json.Deterministic(true))
	s.must(err)
	sum := sha256.Sum256(promise)
	signed, err := ecdsa.SignASN1(rand.Reader, s.log, sum[:])
	s.must(err)
	s.answer(w, http.StatusCreated, map[string]any{hex.EncodeToString(leaf): map[string]any{
		"body": encoded, "integratedTime": at, "logID": id, "logIndex": 0,
		"verification": map[string]any{
			"signedEntryTimestamp": base64.StdEncoding.EncodeToString(signed),
			"inclusionProof":       map[string]any{"logIndex": 0, "treeSize": 1, "rootHash": hex.EncodeToString(leaf), "hashes": []string{}, "checkpoint": s.checkpoint(logOrigin+" - 1", leaf)},
		},
	}})
}

// enterV2 is the log of version 2, which proves that an entry is in it.
func (s *Services) enterV2(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(r.Body)
	s.must(err)
	var asked rekorv2.CreateEntryRequest
	s.must(protojson.Unmarshal(text, &asked))
	h := asked.GetHashedRekordRequestV002()
	entry, err := protojson.Marshal(&rekorv2.Entry{ApiVersion: "0.0.2", Kind: "hashedrekord", Spec: &rekorv2.Spec{Spec: &rekorv2.Spec_HashedRekordV002{
		HashedRekordV002: &rekorv2.HashedRekordLogEntryV002{
			Data:      &protocommon.HashOutput{Algorithm: protocommon.HashAlgorithm_SHA2_256, Digest: h.Digest},
			Signature: h.Signature,
		},
	}}})
	s.must(err)
	body := jsontext.Value(entry)
	s.must(body.Canonicalize())
	s.entries.Add(1)
	leaf := leafHash(body)
	said, err := protojson.Marshal(&protorekor.TransparencyLogEntry{
		LogId:             &protocommon.LogId{KeyId: s.logID()},
		KindVersion:       &protorekor.KindVersion{Kind: "hashedrekord", Version: "0.0.2"},
		InclusionProof:    &protorekor.InclusionProof{TreeSize: 1, RootHash: leaf, Checkpoint: &protorekor.Checkpoint{Envelope: s.checkpoint(logOrigin, leaf)}},
		CanonicalizedBody: body,
	})
	s.must(err)
	w.WriteHeader(http.StatusCreated)
	_, _ = w.Write(said) //nolint:errcheck // who asked may be gone
}

// leafHash is that of RFC 6962, and the root of a tree of one leaf.
func leafHash(body []byte) []byte {
	sum := sha256.Sum256(append([]byte{0}, body...))
	return sum[:]
}

// checkpoint is what the log signs of a tree of one leaf. The origin of a log of version
// 1 names the tree too.
func (s *Services) checkpoint(origin string, rootHash []byte) string {
	key, err := signature.LoadECDSASignerVerifier(s.log, crypto.SHA256)
	s.must(err)
	signer, err := note.NewNoteSigner(context.Background(), logOrigin, key)
	s.must(err)
	text, err := sumdb.Sign(&sumdb.Note{Text: fmt.Sprintf("%s\n1\n%s\n", origin, base64.StdEncoding.EncodeToString(rootHash))}, signer)
	s.must(err)
	return string(text)
}
