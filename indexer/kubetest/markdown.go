package kubetest

import (
	"fmt"
	"strings"
)

// Markdown is a table of the results, with what was printed of those that did not
// pass. Nothing of it is markup that a Kube wrote.
func Markdown(results []Result) string {
	var b strings.Builder
	b.WriteString("| Kube | Version | Kubernetes | Result | Ready after |\n|---|---|---|---|---|\n")
	for _, r := range results {
		ready := ""
		if r.Verdict == Passed {
			ready = fmt.Sprintf("%.1f s", r.Ready)
		}
		server := r.Server
		if r.Nodes == SimulatedNodes {
			server += ", simulated nodes"
		}
		result := string(r.Verdict)
		if r.Why != "" {
			result += ": " + r.Why
		}
		result += r.staying()
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", cell(r.Name), cell(r.Version), cell(server), cell(result), ready)
	}
	for _, r := range results {
		if s, ok := r.Failure(); ok && s.Said != "" {
			fmt.Fprintf(&b, "\n<details><summary>%s: %s</summary><pre>%s</pre></details>\n", html.Replace(r.Name), html.Replace(s.Name), html.Replace(plain(s.Said)))
		}
	}
	b.WriteByte('\n')
	return b.String()
}

var html = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\r", "")

// cell is a text that stays text in a cell of a table.
func cell(text string) string {
	text = plain(strings.Join(strings.Fields(text), " "))
	const most = 300
	if letters := []rune(text); len(letters) > most {
		text = string(letters[:most]) + "…"
	}
	text = html.Replace(text)
	return strings.NewReplacer("|", `\|`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "\\", `\\`).Replace(text)
}
