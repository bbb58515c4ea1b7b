package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/kpm-sh/kpm/indexer"
)

type serveCmd struct {
	Site   string `arg:"" help:"The site to serve."`
	Listen string `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where to listen; port 0 chooses a free one."`

	Verbose bool   `short:"v" help:"Print a line for each request."`
	TLSCert string `name:"tls-cert" and:"tls" type:"existingfile" placeholder:"FILE" help:"Serve https with this certificate."`
	TLSKey  string `name:"tls-key" and:"tls" type:"existingfile" placeholder:"FILE" help:"Its private key."`
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
	scheme := "http"
	if c.TLSCert != "" {
		scheme = "https"
	}
	if _, err := fmt.Fprintf(std.out, "%s://%s\n", scheme, l.Addr()); err != nil {
		return errors.Join(err, l.Close()) // whoever asked for a free port would never know which
	}
	handler := indexer.Handler(root)
	if c.Verbose {
		handler = logged(handler, std)
	}
	srv := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		wait, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		stopped <- srv.Shutdown(wait)
	})
	defer stop()
	serve := func() error { return srv.Serve(l) }
	if c.TLSCert != "" {
		serve = func() error { return srv.ServeTLS(l, c.TLSCert, c.TLSKey) }
	}
	if err := serve(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

// logged says of each request who asked for what, and what the answer was.
func logged(next http.Handler, std stdio) http.Handler {
	var mu sync.Mutex
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from := time.Now()
		answer := &answered{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(answer, r)
		mu.Lock()
		defer mu.Unlock()
		std.say("%s %s %s %d, %d bytes, %s", r.RemoteAddr, r.Method, r.URL.RequestURI(), answer.status, answer.bytes, time.Since(from).Round(time.Millisecond))
	})
}

// answered notes what was answered.
type answered struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (a *answered) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

func (a *answered) Write(data []byte) (int, error) {
	n, err := a.ResponseWriter.Write(data)
	a.bytes += int64(n)
	return n, err
}
