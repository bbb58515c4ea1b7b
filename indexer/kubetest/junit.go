package kubetest

import (
	"encoding/xml"
	"fmt"
	"strings"
)

// JUnit is the results as CI services read them: a suite for each Kube, a case for
// each step.
func JUnit(results []Result) ([]byte, error) {
	type message struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
	type test struct {
		Name    string   `xml:"name,attr"`
		Class   string   `xml:"classname,attr"`
		Time    string   `xml:"time,attr"`
		Failure *message `xml:"failure"`
		Error   *message `xml:"error"`
		Skipped *message `xml:"skipped"`
	}
	type suite struct {
		Name     string `xml:"name,attr"`
		Tests    int    `xml:"tests,attr"`
		Failures int    `xml:"failures,attr"`
		Errors   int    `xml:"errors,attr"`
		Skipped  int    `xml:"skipped,attr"`
		Time     string `xml:"time,attr"`
		Cases    []test `xml:"testcase"`
		Out      string `xml:"system-out,omitempty"`
	}
	var all struct {
		XMLName xml.Name `xml:"testsuites"`
		Suites  []suite  `xml:"testsuite"`
	}
	for _, r := range results {
		s := suite{Name: r.id(), Time: fmt.Sprintf("%.3f", r.Seconds)}
		steps := r.Steps
		if len(steps) == 0 {
			steps = []Step{{Name: "test", Verdict: r.Verdict, Why: r.Why}}
		}
		for _, step := range steps {
			c := test{Name: step.Name, Class: r.Name, Time: fmt.Sprintf("%.3f", step.Seconds)}
			m := &message{plain(step.Why), plain(step.Said)}
			switch step.Verdict {
			case Failed:
				c.Failure, s.Failures = m, s.Failures+1
			case Unproven:
				c.Error, s.Errors = m, s.Errors+1
			case Skipped:
				c.Skipped, s.Skipped = m, s.Skipped+1
			case Passed:
			}
			s.Cases = append(s.Cases, c)
		}
		s.Tests, s.Out = len(s.Cases), plain(strings.TrimPrefix(r.staying(), "; "))
		all.Suites = append(all.Suites, s)
	}
	text, err := xml.MarshalIndent(all, "", "  ")
	return append([]byte(xml.Header), append(text, '\n')...), err
}

// plain is a text without what XML cannot say.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0xFFFE || r == 0xFFFF {
			return '\uFFFD'
		}
		return r
	}, text)
}
