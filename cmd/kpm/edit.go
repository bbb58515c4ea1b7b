package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/client/workcopy"
	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/outstream"
)

type editCmd struct {
	Kube  string   `arg:"" help:"NAME; NAME@VERSION or REPO/NAME where there is no copy yet."`
	Files []string `arg:"" name:"file" optional:"" help:"Files of the Kube; without any, K3.yaml, values.yaml and all of manifests."`
	Pre   bool     `help:"Take pre-releases too."`
}

// errNoEditor says that there is nobody to edit.
var errNoEditor = errcode.New(errcode.NoEditor, "an editor needs a terminal, and there is none")

// Run opens the working copy of a Kube in the user's editor, and judges it
// afterwards.
func (e editCmd) Run(ctx context.Context, c *client.Client, std *stdio, s *settings) error {
	ref, err := repos.ParseRef(e.Kube)
	if err != nil {
		return err
	}
	if ref.Path != "" {
		return usage("%q: edit is for published Kubes; a folder of your own you can edit as you like", e.Kube)
	}
	if !std.inTerminal || !std.outTerminal {
		return errNoEditor
	}
	info, err := c.Copies().Copy(ref.Name)
	if err != nil {
		return err
	}
	switch {
	case info == nil:
		if err := (getCmd{Pre: e.Pre}).one(ctx, c, std, s, ref); err != nil {
			return err
		}
	case ref.Version != "" || ref.Repository != "":
		return usage("%q: there is a copy already; say %s edit %s, or get the other one in its place first", e.Kube, std.name, ref.Name)
	}
	dir := c.Home.Copy(ref.Name)
	files, err := e.files(dir)
	if err != nil {
		return err
	}
	if err := openEditor(std, dir, files); err != nil {
		return err
	}
	return judge(context.WithoutCancel(ctx), c, std, ref.Name)
}

// files are what is opened, relative to the copy's folder: where a merge waits to
// be finished, both sides of it.
func (e editCmd) files(dir string) ([]string, error) {
	if len(e.Files) > 0 {
		return e.named(dir)
	}
	if waiting, err := workcopy.Unmerged(dir); err != nil || len(waiting) > 0 {
		return sides(dir, waiting), err
	}
	root := os.DirFS(dir)
	k, _ := kube.ReadDir(root, "") //nolint:errcheck // what is wrong with it may be what is to be mended
	files := []string{kube.MetaPath}
	for _, f := range k.Files {
		if f.Path == kube.ValuesPath || strings.HasPrefix(f.Path, "manifests/") {
			files = append(files, f.Path)
		}
	}
	slices.Sort(files)
	return slices.Compact(files), nil
}

// sides are the files that wait to be merged, each after the user's if there is
// one.
func sides(dir string, waiting []string) []string {
	var files []string
	for _, theirs := range waiting {
		ours := strings.TrimSuffix(theirs, ".theirs")
		if _, err := os.Stat(filepath.Join(dir, ours)); err == nil {
			files = append(files, ours)
		}
		files = append(files, theirs)
	}
	return files
}

// named are the files that the user named, all of which must be in the copy.
func (e editCmd) named(dir string) ([]string, error) {
	for _, name := range e.Files {
		if !filepath.IsLocal(name) {
			return nil, usage("%q is no file of the Kube", name)
		}
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return nil, fmt.Errorf("editing: %w", err)
		}
	}
	return e.Files, nil
}

// openEditor runs the user's editor in the folder of the copy and waits for it.
// Ctrl-C is the editor's meanwhile.
func openEditor(std *stdio, dir string, files []string) error {
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)
	editor := defaultEditor
	for _, variable := range []string{"EDITOR", "VISUAL"} {
		if value := std.getenv(variable); value != "" {
			editor = value
		}
	}
	argv := editorCommand(editor, files)
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = dir, std.in, outstream.Below(std.out), outstream.Below(std.err)
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("running the editor %s: %w", editor, err)
	}
	return nil
}

// judge says what was edited, and what is wrong with it.
func judge(ctx context.Context, c *client.Client, std *stdio, name string) error {
	info, err := c.Copies().Copy(name)
	if err != nil {
		return err
	}
	if info == nil {
		return &repos.NotFoundError{What: "working copy of " + name}
	}
	problems, err := info.Lint(ctx, name)
	if err != nil {
		return err
	}
	for _, p := range problems {
		std.line("%s", p)
	}
	if len(info.Edited) > 0 {
		std.step("Edited: %s", strings.Join(info.Edited, " "))
	}
	std.step("%s: %s", c.Home.Copy(name), verdict(problems))
	if problems.Err() != nil {
		return errFindings
	}
	return nil
}
