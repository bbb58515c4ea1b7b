package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/kpm-sh/kpm/indexer"
)

type serveCmd struct {
	Site   string `arg:"" help:"The site to serve."`
	Listen string `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where to listen; port 0 chooses a free one."`
}

// Run serves until it is interrupted. The URL is the first line it prints.
func (c serveCmd) Run(ctx context.Context, std stdio) error {
	root, err := os.OpenRoot(c.Site)
	if err != nil {
		return fmt.Errorf("opening the site: %w", err)
	}
	defer root.Close() //nolint:errcheck // read only
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	if _, err := fmt.Fprintf(std.out, "http://%s\n", l.Addr()); err != nil {
		return errors.Join(err, l.Close()) // whoever asked for a free port would never know which
	}
	srv := &http.Server{Handler: indexer.Handler(root), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		wait, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		stopped <- srv.Shutdown(wait)
	})
	defer stop()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

type versionCmd struct{}

// Run prints what this binary was built from.
func (versionCmd) Run(std stdio) error {
	_, err := fmt.Fprintf(std.out, "kpm-indexer %s\n", built())
	return err
}

func built() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return "(unknown)"
}

// released is the version of this binary if others can install it, else "".
func released() string {
	if v := built(); strings.HasPrefix(v, "v") && !strings.Contains(v, "+dirty") {
		return v
	}
	return ""
}
