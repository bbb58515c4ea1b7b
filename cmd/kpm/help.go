package main

// helpCmd is there for the list of commands: run turns it into --help.
type helpCmd struct {
	Command []string `arg:"" optional:"" help:"The command."`
}

// Run is never called.
func (helpCmd) Run() error { return nil }
