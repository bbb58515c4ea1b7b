package signing

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The words of a test result: in-toto Statement v1 around the test-result predicate,
// https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md.
// What that has no place for is in the member TestDetails.
const (
	TestResultType = "https://in-toto.io/attestation/test-result/v0.1"
	TestDetails    = "https://kpm.sh/test/v1"
)

// MaxTestResult is how many bytes a statement may have that is to be signed: in a bundle it
// stands in base64, beside certificates and entries of logs.
const MaxTestResult = 32 << 10

// The results of a test.
const (
	TestPassed = "PASSED"
	TestFailed = "FAILED"
)

// TestResult says what came of a release in a cluster. Before it is signed it names no
// repository and no archive: its subject is the tar then.
type TestResult struct {
	Result     string   // TestPassed or TestFailed
	Repository string   // the signed name of the repository
	Name       string   // of the Kube
	Version    string   // of the release
	Archive    string   // file name
	SHA256     string   // of the archive, lower-case hex
	Tar        string   // sha256 of the uncompressed archive
	Server     string   // version of Kubernetes, as in 1.36.3
	Nodes      string   // "real" or "simulated"
	Kpm        string   // version of kpm
	Passed     []string // names of tests
	Failed     []string

	Run TestRun
}

// TestRun is what was seen. Its texts are foreign.
type TestRun struct {
	SecondsToReady float64     `json:"secondsToReady"`
	Objects        []string    `json:"objects"` // KIND/NAME
	Images         []TestImage `json:"images"`  // as nodes pulled them
	Warnings       []string    `json:"warnings"`
	UpgradedFrom   string      `json:"upgradedFrom,omitempty"`
	With           []string    `json:"with,omitempty"` // what was installed before, as it needs it
	Failure        string      `json:"failure,omitempty"`
}

// TestImage is an image that ran, and the digest that its node pulled.
type TestImage struct {
	Image  string `json:"image"`
	Digest string `json:"digest,omitempty"`
}

type testPredicate struct {
	Result        string         `json:"result"`
	Configuration []testConfig   `json:"configuration"`
	PassedTests   []string       `json:"passedTests"`
	WarnedTests   []string       `json:"warnedTests"`
	FailedTests   []string       `json:"failedTests"`
	Details       jsontext.Value `json:"https://kpm.sh/test/v1"`
}

// testConfig is a resource descriptor.
type testConfig struct {
	Name        string            `json:"name"`
	URI         string            `json:"uri"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

type testDetails struct {
	Repository string `json:"repository"`
	Name       string `json:"name"`
	Version    string `json:"version"`
	Tar        string `json:"tar"`
	TestRun
}

const (
	kubernetesURI = "pkg:github/kubernetes/kubernetes@v"
	kpmURI        = "pkg:golang/github.com/kpm-sh/kpm@"
)

// Statement is the statement to Attest, or, without an archive, to keep until its
// archive is known. The same result gives the same bytes.
func (t TestResult) Statement() ([]byte, error) {
	if err := t.check(); err != nil {
		return nil, fmt.Errorf("writing a test result: %w", err)
	}
	details, err := json.Marshal(testDetails{t.Repository, t.Name, t.Version, t.Tar, t.Run})
	if err != nil {
		return nil, fmt.Errorf("writing a test result: %w", err)
	}
	predicate, err := json.Marshal(testPredicate{
		Result: t.Result,
		Configuration: []testConfig{
			{"kubernetes", kubernetesURI + t.Server, map[string]string{"version": t.Server, "nodes": t.Nodes}},
			{"kpm", kpmURI + t.Kpm, map[string]string{"version": t.Kpm}},
		},
		PassedTests: t.Passed, WarnedTests: []string{}, FailedTests: t.Failed, Details: details,
	}, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("writing a test result: %w", err)
	}
	about := subject{t.Archive, map[string]string{"sha256": t.SHA256}}
	if t.Archive == "" {
		about = subject{t.Name + "-" + t.Version + ".tar", map[string]string{"sha256": t.Tar}}
	}
	return json.Marshal(statement{Type: StatementType, Subject: []subject{about}, PredicateType: TestResultType, Predicate: predicate})
}

func (t TestResult) check() error {
	switch {
	case t.Result != TestPassed && t.Result != TestFailed:
		return fmt.Errorf("the result is %q, neither %s nor %s", t.Result, TestPassed, TestFailed)
	case t.Name == "" || t.Version == "":
		return errors.New("name or version is empty")
	case !isSHA256(t.Tar):
		return fmt.Errorf("tar %q is no sha256", t.Tar)
	case t.Archive != "" && !isSHA256(t.SHA256):
		return fmt.Errorf("sha256 %q is no sha256", t.SHA256)
	case (t.Archive == "") != (t.Repository == ""):
		return errors.New("repository and archive go together")
	case t.Nodes != "real" && t.Nodes != "simulated":
		return fmt.Errorf("nodes are %q, neither real nor simulated", t.Nodes)
	case t.Server == "":
		return errors.New("the version of Kubernetes is empty")
	}
	return nil
}
