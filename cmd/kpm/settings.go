package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/cmd/internal/exit"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/home"
	"github.com/kpm-sh/kpm/internal/inputfile"
)

// settings are the global flags. Nothing here chooses a Kube or relaxes a check.
type settings struct {
	Home    string `type:"given" variable:"KPM_HOME" placeholder:"DIR" help:"Where kpm keeps everything (KPM_HOME; ~/.kpm)."`
	Offline bool   `variable:"KPM_OFFLINE" help:"Use no network (KPM_OFFLINE)."`
	Yes     bool   `short:"y" variable:"KPM_YES" help:"Answer questions with yes; never those about trust (KPM_YES)."`
	Verbose bool   `short:"v" help:"Tell each request."`
	Quiet   bool   `short:"q" help:"No progress, only answers, warnings and errors."`

	opened []*repos.Set
}

// fromEnvironment gives a flag the value of the variable in its tag, unless that
// is empty.
func fromEnvironment(getenv func(string) string) kong.ResolverFunc {
	return func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		name := flag.Tag.Get("variable")
		value := getenv(name)
		switch {
		case name == "" || value == "":
			return nil, nil
		case flag.IsBool() && !slices.Contains(truths, value):
			return nil, fmt.Errorf("%s is %q, not one of %s", name, value, strings.Join(truths, " "))
		case flag.Enum != "" && !flag.EnumMap()[value]:
			return nil, fmt.Errorf("%s is %q, not one of %s", name, value, strings.Join(flag.EnumSlice(), " "))
		}
		return value, nil
	}
}

// truths is how a variable says yes or no.
var truths = []string{"true", "1", "yes", "false", "0", "no"}

// dir is the home: what was set, else ~/.kpm.
func (s *settings) dir() (string, error) {
	if s.Home != "" {
		return filepath.Abs(s.Home)
	}
	user, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("finding kpm's home: %w; set KPM_HOME", err)
	}
	return filepath.Join(user, ".kpm"), nil
}

// client makes the client of a command that asks for one.
func (s *settings) client(std *stdio) (*client.Client, error) {
	dir, err := s.dir()
	if err != nil {
		return nil, err
	}
	netrc, err := readNetrc(std)
	if err != nil {
		return nil, err
	}
	notice := func(n repos.Notice) {
		text := n.Text
		if next := exit.Next(std.name, n.Err); next != "" {
			text += " (next: " + next + ")"
		}
		if n.Warning {
			std.warn(text)
			return
		}
		std.step("%s", text)
	}
	set := &repos.Set{Options: repos.Options{
		Home: home.Home{Dir: dir}, Now: time.Now, Version: released(), Offline: s.Offline, Netrc: netrc, Token: std.getenv,
		Fetch:    fetch.Options{Proxy: http.ProxyFromEnvironment, UserAgent: "kpm/" + versionText()},
		Progress: std.progress(), Notice: notice,
	}}
	if s.Verbose {
		set.Fetch.Log = func(format string, args ...any) { std.step(format, args...) }
	}
	s.opened = append(s.opened, set)
	return &client.Client{Home: set.Home, Now: set.Now, Repos: set, Notice: notice}, nil
}

// close closes what commands opened.
func (s *settings) close() {
	for _, set := range s.opened {
		set.Close()
	}
}

// readNetrc reads what $NETRC names, else ~/.netrc; there may be none.
func readNetrc(std *stdio) ([]byte, error) {
	path := std.getenv("NETRC")
	if path == "" {
		user, err := os.UserHomeDir()
		if err != nil {
			return nil, nil //nolint:nilerr // without a home there is no netrc
		}
		path = filepath.Join(user, ".netrc")
	}
	data, err := inputfile.Read(path, inputfile.MaxValues)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading netrc: %w", err)
	}
	return data, nil
}
