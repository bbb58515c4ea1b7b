package main

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/internal/sitetest"
)

// Recalls stand as one table in docs/recalls.md. Each cell is tried: its command is run as
// it is typed there, exits as it says, prints what it quotes, and says nothing of the
// recall where it has none.
func TestE2ERecalls(t *testing.T) {
	t.Setenv("KUBECONFIG", controlPlane(t))
	t.Setenv("KPM_NAMESPACE", namespace())
	text, err := os.ReadFile("../../docs/recalls.md")
	if err != nil {
		t.Fatal(err)
	}
	kinds := []string{"yanked", "revoked", "gone", "deprecated"}
	home := recallSite(t, kinds)
	other := namespace()
	ran := map[string]string{}
	quoted := regexp.MustCompile("`([^`]+)`")
	cells := 0
	for line := range strings.Lines(string(text)) {
		row := strings.Split(strings.TrimSpace(line), "|")
		if len(row) != len(kinds)+3 || !strings.HasPrefix(row[1], " `kpm ") {
			continue
		}
		for i, kind := range kinds {
			name := "is-" + kind
			fill := strings.NewReplacer("NAME", name, "OTHER", other, "`", "", "kpm ", "")
			args := strings.Fields(fill.Replace(strings.TrimSpace(row[1])))
			if args[0] == "install" {
				args = append(args, "--create-namespace")
			}
			if args[0] == "upgrade" {
				args = append(args, "-y")
			}
			cell := strings.TrimSpace(row[i+2])
			got, code := ran[strings.Join(args, " ")], 0
			if got == "" {
				got, code = runKPM(t, home, args...)
				got = strconv.Itoa(code) + "\n" + got
				ran[strings.Join(args, " ")] = got
			}
			cells++
			want := "0"
			if n, rest, ok := strings.Cut(cell, " "); ok {
				if _, err := strconv.Atoi(n); err == nil {
					want, cell = n, rest
				}
			}
			if !strings.HasPrefix(got, want+"\n") {
				t.Errorf("kpm %s: exit code %s, want %s", strings.Join(args, " "), strings.TrimSpace(got), want)
			}
			for _, m := range quoted.FindAllStringSubmatch(cell, -1) {
				if part := strings.ReplaceAll(m[1], "NAME", name); !strings.Contains(got, part) {
					t.Errorf("kpm %s does not say %q:\n%s", strings.Join(args, " "), part, got)
				}
			}
			if strings.HasPrefix(cell, "–") && (strings.Contains(got, name+" was ") || strings.Contains(got, "WARNING: "+name) || kind == "deprecated" && strings.Contains(got, "use another")) {
				t.Errorf("kpm %s says of the recall:\n%s", strings.Join(args, " "), got)
			}
		}
	}
	if cells < 40 {
		t.Errorf("the table has %d cells", cells)
	}
}

// recallSite has a Kube for each kind, IS-KIND, of which 1.1.0 was installed before it was
// taken back.
func recallSite(t *testing.T, kinds []string) string {
	t.Helper()
	site := sitetest.New(t)
	site.Now = time.Now()
	home := t.TempDir()
	for _, version := range []string{"1.0.0", "1.1.0"} {
		var editions []*sitetest.Edition
		for _, kind := range kinds {
			editions = append(editions, sitetest.Release("is-"+kind, version))
		}
		site.Publish(editions...)
	}
	steps := [][]string{{"repo", "add", "main", site.URL, "--trust", site.Pin.String()}, {"update"}}
	for _, kind := range kinds {
		steps = append(steps, []string{"install", "is-" + kind, "--create-namespace"})
	}
	for _, args := range steps {
		if out, code := runKPM(t, home, args...); code != 0 {
			t.Fatalf("kpm %s: %s", strings.Join(args, " "), out)
		}
	}
	deprecated := sitetest.Release("is-deprecated", "1.2.0")
	deprecated.Record.Deprecated = "use another"
	site.Publish(
		sitetest.Recalled("is-yanked", "1.1.0", sitetest.Yank("it eats data", false)),
		sitetest.Recalled("is-revoked", "1.1.0", sitetest.Yank("it eats data", true)),
		sitetest.Gone("is-gone", "taken away"),
		deprecated)
	return home
}
