package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/kpm-sh/kpm/indexer"
)

// counted serves a site and counts requests and the bytes of bodies.
type counted struct {
	url             string
	requests, bytes atomic.Int64
}

type countingWriter struct {
	http.ResponseWriter
	n *atomic.Int64
}

func (w countingWriter) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	w.n.Add(int64(n))
	return n, err
}

func serve(ctx context.Context, h http.Handler) (*counted, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &counted{url: "http://" + l.Addr().String()}
	srv := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.requests.Add(1)
		h.ServeHTTP(countingWriter{w, &c.bytes}, r)
	})}
	context.AfterFunc(ctx, func() { _ = srv.Close() }) //nolint:errcheck // the process ends
	go func() { _ = srv.Serve(l) }()                   //nolint:errcheck // ends with the context
	return c, nil
}

// clientPart measures searching and updating, at each size.
type clientPart struct{ *bench }

func (b clientPart) measure(ctx context.Context, sizes []int) error {
	help, err := race(ctx, 3*b.runs, b.help(), command{args: []string{b.helm, "--help"}})
	if err != nil {
		return err
	}
	b.add(row{"`kpm --help` / `helm --help`", seconds(help[0].cpu), seconds(help[1].cpu), ratio(help[0].cpu, help[1].cpu), "≤ 0.6"})
	if err := b.ballast(ctx); err != nil {
		return err
	}
	goals := map[int]string{1000: "≤ 0.08", 10000: "≤ 0.01", 50000: "≤ 0.002"}
	for i, n := range sizes {
		if err := b.atSize(ctx, n, goals[n], i == len(sizes)-1); err != nil {
			return fmt.Errorf("%d packages: %w", n, err)
		}
	}
	return nil
}

// help is what everything costs that does nothing: differences are taken from it,
// measured in turn.
func (b *bench) help() command { return command{args: []string{b.kpm, "--help"}} }

// atSize measures one size; updates are measured at the largest.
func (b clientPart) atSize(ctx context.Context, n int, goal string, largest bool) error {
	dir := filepath.Join(b.dir, strconv.Itoa(n))
	site, err := newSynthetic(filepath.Join(dir, "site"))
	if err != nil {
		return err
	}
	pkgs, err := b.generate(ctx, n, 0)
	if err != nil {
		return err
	}
	if err := site.publish(pkgs); err != nil {
		return err
	}
	root, err := os.OpenRoot(site.dir)
	if err != nil {
		return err
	}
	defer root.Close() //nolint:errcheck // read only
	srv, err := serve(ctx, indexer.Handler(root))
	if err != nil {
		return err
	}
	home := []string{"KPM_HOME=" + filepath.Join(dir, "home")}
	if _, err := once(ctx, command{args: []string{b.kpm, "repo", "add", "bench", srv.url, "--trust", site.pin()}, env: home}); err != nil {
		return err
	}
	cold, err := once(ctx, command{args: []string{b.kpm, "update"}, env: home})
	if err != nil {
		return err
	}
	helm, err := b.helmRepository(ctx, n, dir)
	if err != nil {
		return err
	}
	helmCold, err := helm.addAndUpdate(ctx)
	if err != nil {
		return err
	}
	searches, err := race(ctx, 3*b.runs, command{args: []string{b.kpm, "search", "postgresql"}, env: home}, b.help())
	if err != nil {
		return err
	}
	search, help := searches[0], searches[1]
	runs := b.runs
	if n > 10000 {
		runs = 1
	}
	helmSearch, err := measure(ctx, runs, command{args: []string{b.helm, "search", "repo", "postgresql"}, env: helm.env})
	if err != nil {
		return err
	}
	b.add(row{fmt.Sprintf("`kpm search` / `helm search repo`, %d", n), seconds(search.cpu), seconds(helmSearch.cpu), ratio(search.cpu, helmSearch.cpu), goal})
	if !largest {
		return nil
	}
	b.add(row{fmt.Sprintf("`kpm search` − `kpm --help`, %d", n), fmt.Sprintf("%.1f ms", ms(search.cpu-help.cpu)), "", "", "≤ 5 ms"})
	b.add(row{fmt.Sprintf("cold `kpm update` / `helm repo add` and `update`, %d", n), seconds(cold.cpu), seconds(helmCold), ratio(cold.cpu, helmCold), "≤ 0.5"})
	b.add(row{fmt.Sprintf("peak memory of a cold `kpm update`, %d", n), fmt.Sprintf("%d MB", cold.peak>>20), "", "", "≤ 250 MB"})
	return b.updates(ctx, n, site, srv, home)
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// updates measures what an update costs when little or nothing changed.
func (b clientPart) updates(ctx context.Context, n int, site *synthetic, srv *counted, home []string) error {
	srv.requests.Store(0)
	turns, err := race(ctx, b.runs, command{args: []string{b.kpm, "update"}, env: home}, b.help())
	if err != nil {
		return err
	}
	same, help := turns[0], turns[1]
	b.add(row{
		"`kpm update` − `kpm --help`, nothing changed", fmt.Sprintf("%.1f ms, %d requests", ms(same.cpu-help.cpu), srv.requests.Load()/int64(b.runs+1)), "", "",
		"≤ 25 ms, 2 requests",
	})
	changed, err := b.generate(ctx, n, 20)
	if err != nil {
		return err
	}
	var requests, bytes []int64
	step := 0
	some, err := measure(ctx, b.runs, command{args: []string{b.kpm, "update"}, env: home, before: func() error {
		if step > 0 {
			requests, bytes = append(requests, srv.requests.Load()), append(bytes, srv.bytes.Load())
		}
		step++
		for i := range changed { // another version each time
			if i%(n/20) == 0 {
				changed[i].Version = fmt.Sprintf("99.%d.%d", step, i)
			}
		}
		if err := site.publish(changed); err != nil {
			return err
		}
		srv.requests.Store(0)
		srv.bytes.Store(0)
		return nil
	}})
	if err != nil {
		return err
	}
	b.add(row{
		fmt.Sprintf("`kpm update` − `kpm --help`, 20 of %d changed", n),
		fmt.Sprintf("%.1f ms, %d requests, %d bytes", ms(some.cpu-help.cpu), median(requests), median(bytes)), "", "", "≤ 100 ms, 4 requests, 14 KB",
	})
	return nil
}

// helmRepo is the same catalog as a chart repository.
type helmRepo struct {
	helm string
	url  string
	env  []string
}

func (b clientPart) helmRepository(ctx context.Context, n int, dir string) (*helmRepo, error) {
	charts := filepath.Join(dir, "helm", "repo")
	if err := os.MkdirAll(charts, 0o755); err != nil {
		return nil, err
	}
	gen := exec.CommandContext(ctx, b.genpkgs, "-n", strconv.Itoa(n), "-versions", "5", "-format", "helm", "-o", filepath.Join(charts, "index.yaml"))
	if err := gen.Run(); err != nil {
		return nil, err
	}
	srv, err := serve(ctx, http.FileServer(http.Dir(charts)))
	if err != nil {
		return nil, err
	}
	var env []string
	for _, v := range []string{"CACHE", "CONFIG", "DATA"} {
		env = append(env, fmt.Sprintf("HELM_%s_HOME=%s", v, filepath.Join(dir, "helm", v)))
	}
	return &helmRepo{b.helm, srv.url, env}, nil
}

func (h *helmRepo) addAndUpdate(ctx context.Context) (time.Duration, error) {
	add, err := once(ctx, command{args: []string{h.helm, "repo", "add", "bench", h.url}, env: h.env})
	if err != nil {
		return 0, err
	}
	update, err := once(ctx, command{args: []string{h.helm, "repo", "update"}, env: h.env})
	return add.cpu + update.cpu, err
}
