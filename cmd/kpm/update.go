package main

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/words"
)

type updateCmd struct {
	Repository string `arg:"" optional:"" help:"Update this repository alone."`
}

// updateGC is how far the heap may grow before it is collected, in per cent of
// what is in use. A first update holds all records of a repository while it
// builds the catalog: there memory is worth more than the time to collect it.
const updateGC = 50

// Run fetches what is new and sums it up, a few lines for each repository.
func (u updateCmd) Run(ctx context.Context, c *client.Client, std *stdio) error {
	debug.SetGCPercent(updateGC)
	std.step("Fetching updates...")
	failed := 0
	err := c.Repos.Update(ctx, u.Repository, func(done repos.Updated) {
		for _, line := range done.Trust {
			std.step("%s: %s", done.Repository, line)
		}
		if done.Err != nil {
			failed++
			if failed > 1 { // the first is the command's own error
				std.warn(fmt.Sprintf("%s: %v", done.Repository, done.Err))
			}
			return
		}
		sumUp(std, c.Now(), done)
	})
	if err != nil {
		return err
	}
	std.step("Done")
	return nil
}

func sumUp(std *stdio, now time.Time, u repos.Updated) {
	parts := []string{words.Count(u.Kubes, "Kube")}
	switch {
	case u.Unchanged:
		parts = append(parts, "nothing new")
	case !u.First:
		for word, list := range changes(u) {
			if len(list) > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", len(list), word))
			}
		}
		if len(u.Recalled) > 0 {
			parts = append(parts, fmt.Sprintf("%d recalled", len(u.Recalled)))
		}
		if len(u.Restored) > 0 {
			parts = append(parts, fmt.Sprintf("%d no longer recalled", len(u.Restored)))
		}
	}
	std.step("%s: %s (%s, published %s)", u.Repository, strings.Join(parts, ", "), size(u.Bytes), ago(now, u.Issued))
	if u.First {
		return
	}
	for word, list := range changes(u) {
		if len(list) > 0 {
			std.step("%s: %s", word, names(list))
		}
	}
	tellRestored(std, u.Restored)
	tellRecalled(std, u.Recalled)
}

// tellRestored says which releases may be had again.
func tellRestored(std *stdio, all []repos.Recall) {
	for i, r := range all {
		if i == most {
			std.step("%d more are no longer recalled", len(all)-most)
			break
		}
		std.step("no longer %s: %s %s", r.Kind, r.Name, r.Version)
	}
}

// tellRecalled says which releases were taken back. Whether they are installed
// somewhere is for those commands to say that ask a cluster.
func tellRecalled(std *stdio, all []repos.Recall) {
	for i, r := range all {
		if i == most {
			std.step("%d more were recalled", len(all)-most)
			break
		}
		text := fmt.Sprintf("%s: %s %s: %s", r.Kind, r.Name, r.Version, r.Reason)
		if r.Instead != "" {
			text += fmt.Sprintf("; %s is to be had", r.Instead)
		}
		std.step("%s", text)
	}
	if len(all) > 0 {
		std.step("%s list -A says whether it is installed, and what to do about it", std.name)
	}
}

// most is how many of a kind of change are told one by one.
const most = 10

// changes yields what changed, in the order in which it is told.
func changes(u repos.Updated) func(func(string, []repos.Change) bool) {
	return func(yield func(string, []repos.Change) bool) {
		_ = yield("new", u.New) && yield("upgraded", u.Upgraded) && yield("gone", u.Gone) && yield("no longer gone", u.Back)
	}
}

// names lists the first of some changes.
func names(list []repos.Change) string {
	var b strings.Builder
	for i, c := range list {
		if i == most {
			fmt.Fprintf(&b, " and %d more", len(list)-most)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(c.Name)
		if c.Reason != "" {
			fmt.Fprintf(&b, " (%s)", c.Reason)
		} else if c.From != "" && c.To != "" {
			fmt.Fprintf(&b, " %s -> %s", c.From, c.To)
		} else if c.To != "" {
			fmt.Fprintf(&b, " %s", c.To)
		}
	}
	return b.String()
}
