package signing

import (
	"errors"
	"fmt"

	protobundle "github.com/sigstore/protobuf-specs/gen/pb-go/bundle/v1"
	protocommon "github.com/sigstore/protobuf-specs/gen/pb-go/common/v1"
	"github.com/sigstore/sigstore-go/pkg/bundle"
	"google.golang.org/protobuf/encoding/protojson"
)

// MaxBundle is how many bytes a bundle may have. It is checked before a bundle
// is parsed.
const MaxBundle = 64 << 10

// parsed is a bundle whose form was checked, and nothing else.
type parsed struct {
	bundle    *bundle.Bundle
	statement []byte // of a DSSE bundle, else nil
	key       bool   // it was made with a key, else with a certificate
}

// parseBundle reads a bundle of version 0.3. Log entries and timestamps beside a key
// signature, which does not need them, are dropped unread.
func parseBundle(text []byte) (*parsed, error) {
	if len(text) > MaxBundle {
		return nil, fmt.Errorf("reading bundle: %d bytes exceed %d", len(text), MaxBundle)
	}
	var pb protobundle.Bundle
	if err := protojson.Unmarshal(text, &pb); err != nil {
		return nil, fmt.Errorf("reading bundle: %w", err)
	}
	m := pb.GetVerificationMaterial()
	key := m.GetPublicKey() != nil
	if key {
		m.TlogEntries, m.TimestampVerificationData = nil, nil
	}
	b, err := bundle.NewBundle(&pb)
	if err != nil {
		return nil, fmt.Errorf("reading bundle: %w", err)
	}
	if !b.MinVersion("v0.3") {
		return nil, fmt.Errorf("reading bundle: it is %q, not of version 0.3", pb.GetMediaType())
	}
	p := &parsed{bundle: b, key: key}
	if pb.GetDsseEnvelope() != nil {
		p.statement = pb.GetDsseEnvelope().GetPayload()
		return p, checkStatement(&pb)
	}
	return p, checkMessage(&pb)
}

func checkStatement(pb *protobundle.Bundle) error {
	if t := pb.GetDsseEnvelope().GetPayloadType(); t != bundle.IntotoMediaType {
		return fmt.Errorf("reading bundle: it carries %q, not an in-toto statement", t)
	}
	if len(pb.GetDsseEnvelope().GetPayload()) == 0 {
		return errors.New("reading bundle: its statement is empty")
	}
	return nil
}

func checkMessage(pb *protobundle.Bundle) error {
	if a := pb.GetMessageSignature().GetMessageDigest().GetAlgorithm(); a != protocommon.HashAlgorithm_SHA2_256 {
		return fmt.Errorf("reading bundle: its digest is %s, not sha256", a)
	}
	return nil
}
