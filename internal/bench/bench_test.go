package main

import (
	"bytes"
	"context"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/google/go-cmp/cmp"
)

// TestMain lets the test binary measure, as the program itself does.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == probeWord {
		code, err := probe(os.Args[2:])
		if err != nil {
			log.Fatal(err)
		}
		os.Exit(code)
	}
	os.Exit(m.Run())
}

func TestRaceLetsNobodyAlwaysComeFirst(t *testing.T) {
	var order []string
	contender := func(name string) command {
		return command{args: []string{"go", "version"}, before: func() error { order = append(order, name); return nil }}
	}
	got, err := race(context.Background(), 2, contender("a"), contender("b"))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"a", "b", "b", "a", "a", "b"}; !slices.Equal(order, want) {
		t.Errorf("order %v, want %v", order, want)
	}
	for i, u := range got {
		if u.wall <= 0 || u.cpu < 0 {
			t.Errorf("contender %d: %+v", i, u)
		}
	}
}

func TestOnceTellsFindingsFromFailures(t *testing.T) {
	ends := func(code string, finds bool) error {
		_, err := once(context.Background(), command{args: []string{"sh", "-c", "exit " + code}, finds: finds})
		return err
	}
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Skip("there is no /bin/sh to end with a code")
	}
	for _, c := range []struct {
		code  string
		finds bool
		ok    bool
	}{{"0", false, true}, {"1", false, false}, {"1", true, true}, {"2", true, false}} {
		if err := ends(c.code, c.finds); (err == nil) != c.ok {
			t.Errorf("exit %s, finds %v: %v", c.code, c.finds, err)
		}
	}
}

func TestDocumentKeepsWhatWasNotMeasured(t *testing.T) {
	index := section{title: indexTitle, about: "One.", rows: []row{{What: "a", Ours: "1 s"}}}
	cluster := section{title: clusterTitle, about: "Two.", rows: []row{{What: "b", Ours: "2 s"}}}
	both := document("", []section{index, cluster})
	if got := document(both, []section{cluster}); got != both {
		t.Errorf("measuring one section again (-want +got):\n%s", cmp.Diff(both, got))
	}
	cluster.rows[0].Ours = "3 s"
	got := document(both, []section{cluster})
	if want := strings.Replace(both, "2 s", "3 s", 1); got != want {
		t.Errorf("another figure (-want +got):\n%s", cmp.Diff(want, got))
	}
}

// TestChartGivesTheManifests renders the templates of a chart as Helm does, with
// text/template.
func TestChartGivesTheManifests(t *testing.T) {
	dir := t.TempDir()
	const text = "summary: '{{ $labels.pod }} of {{$value}}{{`x`}}'\n"
	if err := writeFile(filepath.Join(dir, "in", "rule.yaml"), []byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := writeChart(filepath.Join(dir, "chart"), "c", filepath.Join(dir, "in")); err != nil {
		t.Fatal(err)
	}
	tmpl, err := template.ParseFiles(filepath.Join(dir, "chart", "templates", "rule.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := tmpl.Execute(&out, nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(text, out.String()); diff != "" {
		t.Errorf("rendered (-want +got):\n%s", diff)
	}
}
