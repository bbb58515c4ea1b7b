package main

import (
	"context"
	"os/exec"
	"strings"
)

// gitCommit is the commit that the folder dir is at. It is empty outside git,
// and when the folder has changes that are not committed.
func gitCommit(ctx context.Context, dir string) (commit string, dirty bool) {
	head, err := exec.CommandContext(ctx, "git", "-C", dir, "rev-parse", "HEAD").Output()
	if err != nil {
		return "", false
	}
	status, err := exec.CommandContext(ctx, "git", "-C", dir, "status", "--porcelain", "--", ".").Output()
	if err != nil || len(status) > 0 {
		return "", true
	}
	return strings.TrimSpace(string(head)), false
}
