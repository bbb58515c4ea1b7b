package signing

import (
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The words of a provenance statement: in-toto Statement v1 around the SLSA
// provenance v1 predicate, https://slsa.dev/spec/v1.0/provenance.
const (
	StatementType  = "https://in-toto.io/Statement/v1"
	ProvenanceType = "https://slsa.dev/provenance/v1" // predicate type
	BuildType      = "https://kpm.sh/build/v1"        // what the external parameters mean
	BuilderID      = "https://kpm.sh/kpm-indexer"
)

// Provenance says where an archive comes from.
type Provenance struct {
	Repository string // the signed name of the repository
	Name       string // of the Kube
	Version    string
	Commit     string // of the packages repository, empty without git
	Archive    string // file name
	SHA256     string // of the archive, lower-case hex
}

type statement struct {
	Type          string         `json:"_type"`
	Subject       []subject      `json:"subject"`
	PredicateType string         `json:"predicateType"`
	Predicate     jsontext.Value `json:"predicate"`
}

type subject struct {
	Name   string            `json:"name"`
	Digest map[string]string `json:"digest"`
}

type slsaProvenance struct {
	BuildDefinition struct {
		BuildType          string         `json:"buildType"`
		ExternalParameters jsontext.Value `json:"externalParameters"`
	} `json:"buildDefinition"`
	RunDetails struct {
		Builder struct {
			ID string `json:"id"`
		} `json:"builder"`
	} `json:"runDetails"`
}

type parameters struct {
	Repository string `json:"repository"`
	Name       string `json:"name"`
	Version    string `json:"version"`
	Commit     string `json:"commit"`
}

// Statement is the statement to Attest. The same provenance gives the same bytes.
func (p Provenance) Statement() ([]byte, error) {
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("writing provenance: %w", err)
	}
	params, err := json.Marshal(parameters{p.Repository, p.Name, p.Version, p.Commit})
	if err != nil {
		return nil, fmt.Errorf("writing provenance: %w", err)
	}
	var slsa slsaProvenance
	slsa.BuildDefinition.BuildType = BuildType
	slsa.BuildDefinition.ExternalParameters = params
	slsa.RunDetails.Builder.ID = BuilderID
	predicate, err := json.Marshal(slsa)
	if err != nil {
		return nil, fmt.Errorf("writing provenance: %w", err)
	}
	return json.Marshal(statement{
		Type:          StatementType,
		Subject:       []subject{{p.Archive, map[string]string{"sha256": p.SHA256}}},
		PredicateType: ProvenanceType,
		Predicate:     predicate,
	})
}

// ParseProvenance reads a statement that OpenStatement gave. Every type must be
// the one that Statement writes, there must be one subject with one sha256, and
// the external parameters must be ours and no others, as SLSA asks of verifiers.
// Fields that in-toto and SLSA leave open are ignored.
func ParseProvenance(v Verified) (Provenance, error) {
	p, err := parseProvenance([]byte(v.content))
	if err != nil {
		return Provenance{}, fmt.Errorf("reading provenance: %w", err)
	}
	return p, nil
}

func parseProvenance(text []byte) (p Provenance, err error) {
	var s statement
	if err := json.Unmarshal(text, &s); err != nil {
		return p, err
	}
	switch {
	case s.Type != StatementType:
		return p, fmt.Errorf("the statement is %q, not %s", s.Type, StatementType)
	case s.PredicateType != ProvenanceType:
		return p, fmt.Errorf("the predicate is %q, not %s", s.PredicateType, ProvenanceType)
	case len(s.Subject) != 1:
		return p, fmt.Errorf("there are %d subjects, not 1", len(s.Subject))
	case len(s.Subject[0].Digest) != 1:
		return p, fmt.Errorf("the subject has %d digests, not 1", len(s.Subject[0].Digest))
	}
	var slsa slsaProvenance
	if err := json.Unmarshal(s.Predicate, &slsa); err != nil {
		return p, err
	}
	if t := slsa.BuildDefinition.BuildType; t != BuildType {
		return p, fmt.Errorf("the build type is %q, not %s", t, BuildType)
	}
	var params parameters
	if err := json.Unmarshal(slsa.BuildDefinition.ExternalParameters, &params, json.RejectUnknownMembers(true)); err != nil {
		return p, err
	}
	p = Provenance{params.Repository, params.Name, params.Version, params.Commit, s.Subject[0].Name, s.Subject[0].Digest["sha256"]}
	return p, p.check()
}

func (p Provenance) check() error {
	switch {
	case p.Repository == "":
		return errors.New("repository is empty")
	case p.Name == "":
		return errors.New("name is empty")
	case p.Version == "":
		return errors.New("version is empty")
	case p.Archive == "":
		return errors.New("archive is empty")
	case !isSHA256(p.SHA256):
		return fmt.Errorf("sha256 %q is no sha256", p.SHA256)
	}
	return nil
}

func isSHA256(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == 32 && hex.EncodeToString(b) == s
}
