package signing

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
)

// ParseTestResult reads a statement that OpenStatement gave. Fields that in-toto
// leaves open are ignored.
func ParseTestResult(v Verified) (TestResult, error) {
	t, err := parseTestResult([]byte(v.content))
	if err == nil && t.Archive == "" {
		err = errors.New("its subject is no archive")
	}
	if err != nil {
		return TestResult{}, fmt.Errorf("reading a test result: %w", err)
	}
	return t, nil
}

// ParseUnsignedTestResult reads a statement that nobody answers for, about a tar.
func ParseUnsignedTestResult(text []byte) (TestResult, error) {
	t, err := parseTestResult(text)
	if err == nil && t.Archive != "" {
		err = fmt.Errorf("its subject is %s, which is not the tar of a release", t.Archive)
	}
	if err == nil {
		err = t.agrees()
	}
	if err != nil {
		return TestResult{}, fmt.Errorf("reading a test result: %w", err)
	}
	return t, nil
}

// agrees refuses a result that its own tests speak against.
func (t TestResult) agrees() error {
	switch {
	case t.Result == TestPassed && len(t.Failed) > 0:
		return fmt.Errorf("it says that it passed, and failed: %s", strings.Join(t.Failed, ", "))
	case t.Result == TestPassed && len(t.Passed) == 0:
		return errors.New("it says that it passed, and no test did")
	case t.Result == TestPassed && t.Run.Failure != "":
		return fmt.Errorf("it says that it passed, and failed: %s", t.Run.Failure)
	case t.Run.SecondsToReady < 0:
		return fmt.Errorf("it was ready after %v seconds", t.Run.SecondsToReady)
	case t.Result == TestFailed && len(t.Failed) == 0:
		return errors.New("it says that it failed, and no test did")
	}
	return nil
}

func parseTestResult(text []byte) (t TestResult, err error) {
	var s statement
	if err := json.Unmarshal(text, &s); err != nil {
		return t, err
	}
	switch {
	case s.Type != StatementType:
		return t, fmt.Errorf("the statement is %q, not %s", s.Type, StatementType)
	case s.PredicateType != TestResultType:
		return t, fmt.Errorf("the predicate is %q, not %s", s.PredicateType, TestResultType)
	case len(s.Subject) != 1 || len(s.Subject[0].Digest) != 1:
		return t, errors.New("there is not one subject with one digest")
	}
	var p testPredicate
	if err := json.Unmarshal(s.Predicate, &p); err != nil {
		return t, err
	}
	var d testDetails
	if err := json.Unmarshal(p.Details, &d); err != nil {
		return t, fmt.Errorf("%s: %w", TestDetails, err)
	}
	about := s.Subject[0]
	t = TestResult{
		Result: p.Result, Repository: d.Repository, Name: d.Name, Version: d.Version, Tar: d.Tar,
		Server: annotation(p, "kubernetes", "version"), Nodes: annotation(p, "kubernetes", "nodes"), Kpm: annotation(p, "kpm", "version"),
		Passed: p.PassedTests, Failed: p.FailedTests, Run: d.TestRun,
	}
	if about.Digest["sha256"] != t.Tar {
		t.Archive, t.SHA256 = about.Name, about.Digest["sha256"]
	}
	return t, t.check()
}

func annotation(p testPredicate, name, key string) string {
	i := slices.IndexFunc(p.Configuration, func(c testConfig) bool { return c.Name == name })
	if i < 0 {
		return ""
	}
	return p.Configuration[i].Annotations[key]
}
