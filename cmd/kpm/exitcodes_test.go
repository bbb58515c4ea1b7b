package main

import "github.com/kpm-sh/kpm/cmd/internal/exit"

const (
	exitDone        = exit.Done
	exitFailed      = exit.Failed
	exitUsage       = exit.Usage
	exitNotFound    = exit.NotFound
	exitDeclined    = exit.Declined
	exitConflict    = exit.Conflict
	exitTimeout     = exit.TimedOut
	exitUnreachable = exit.Unreachable
	exitInterrupted = exit.Interrupted
)
