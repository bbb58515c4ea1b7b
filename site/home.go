package site

import (
	"context"
	"fmt"
	"html"
	"strings"
	"time"
)

// onHome is how many Kubes each list of the home page has.
const onHome = 8

// updatedRow is a Kube, and what its newest release changed.
type updatedRow struct {
	row
	Change string
}

// printHome draws the front page. It alone shows when the index was signed.
func printHome(ctx context.Context, p *printer, c *catalog) error {
	var updated []updatedRow
	for _, k := range first(c.updated(), onHome) {
		change, err := changedText(ctx, p, k)
		if err != nil {
			return err
		}
		updated = append(updated, updatedRow{rowOf(k), change})
	}
	return p.page(homePath, "home.html", p.Head.Repository, map[string]any{
		"kubes": len(c.kubes), "newest": rows(c.newest(onHome)), "updated": updated, "pin": p.Pin, "session": sessionHTML(),
		"issued": p.Head.Issued.Format("2006-01-02 15:04 UTC"), "issuedAt": p.Head.Issued.Format(time.RFC3339),
		"expires": p.Head.Expires.Format(time.DateOnly), "seq": p.Head.Seq,
	})
}

// changedText says in one line what the newest release of a Kube changed.
func changedText(ctx context.Context, p *printer, k *entry) (string, error) {
	d, err := p.Document(ctx, k.Line)
	if err != nil {
		return "", err
	}
	for i, r := range d.Releases {
		if r.Version != k.Version {
			continue
		}
		if i+1 == len(d.Releases) {
			return "first release", nil
		}
		after, err := open(ctx, p.Read, k.Name, r)
		if err != nil {
			return "", err
		}
		before, err := open(ctx, p.Read, k.Name, d.Releases[i+1])
		if err != nil || before == nil {
			return "", err
		}
		return summary(changes(before, after)), nil
	}
	return "", nil
}

// summary counts changes, as in "1 image added, 2 objects changed".
func summary(list []change) string {
	if len(list) == 0 {
		return "same objects, images, permissions and values"
	}
	var order []string
	counts, words := map[string]int{}, map[string]change{}
	for _, c := range list {
		key := c.What + " " + c.Word
		if counts[key] == 0 {
			order, words[key] = append(order, key), c
		}
		counts[key]++
	}
	var parts []string
	for _, key := range order {
		what := words[key].What
		if counts[key] != 1 {
			what += "s"
		}
		parts = append(parts, fmt.Sprintf("%d %s %s", counts[key], what, words[key].Word))
	}
	return strings.Join(parts, ", ")
}

// session is what kpm looks like in a terminal.
const session = `$ kpm update
---> Fetching updates...
---> Done
$ kpm search etcd
	etcd-standalone: etcd-standalone is a single Etcd instance (no cluster)
	etcd-ha-cluster: an HA Etcd cluster (3+ pods)
	etcd-discovery:  a single-pod Etcd service discovery server
$ kpm install etcd-standalone
---> Downloading etcd-standalone-2.2.0-beta3
---> Applying 2 objects to namespace default of cluster https://…
---> Done`

// sessionHTML is the session with what a user types told from what kpm says.
func sessionHTML() string {
	var b strings.Builder
	for text := range strings.Lines(session) {
		text = html.EscapeString(text)
		if typed, ok := strings.CutPrefix(text, "$ "); ok {
			text = `<span class="prompt">$</span> <b>` + strings.TrimSuffix(typed, "\n") + "</b>\n"
		} else if said, ok := strings.CutPrefix(text, "---&gt; "); ok {
			text = `<span class="arrow">---&gt;</span> ` + said
		}
		b.WriteString(text)
	}
	return b.String()
}
