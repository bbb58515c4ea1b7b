# kpm: see README.md. Every target builds or installs what it needs, or says why it skips.
GO ?= go
SHELL := /bin/bash
export CGO_ENABLED := 0
# Go fetches this patched toolchain by itself; go.mod still builds with the Go of its `go` line
export GOTOOLCHAIN := go1.27.3
# the vulnerability database of that day, a module like any other: no other service is asked
VULNDB := golang.org/x/vulndb@v0.0.0-20261105234957-e22db6528018

# build both binaries into bin/
build:
	$(GO) build -trimpath -ldflags '-s -w' -o bin/ ./cmd/kpm ./cmd/kpm-indexer

# the main job on a fresh machine: build, publish packages/, and use them up to a real installation (CLUSTER=none stops before it)
demo: build
	@bash .ci/demo

# all that needs no cluster; what is compiled does not depend on where the checkout lies, and is what build compiled
test: build
	$(GO) test -trimpath ./...
	$(GO) test -C internal/bench ./...

# format, vet on every platform, lint, known vulnerabilities that our code reaches
check:
	@test -z "$$(gofmt -l . | tee -a /dev/stderr)" || { echo 'run gofmt -w'; exit 1; }
	$(GO) vet ./...
	$(GO) vet -C internal/bench ./...
	GOOS=darwin $(GO) vet ./...
	GOOS=windows $(GO) vet ./...
	$(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0 run --config .github/golangci.yml ./...
	$(GO) run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
	$(GO) mod download $(VULNDB)
	$(GO) run golang.org/x/vuln/cmd/govulncheck@v1.9.0 -db "file://$$($(GO) env GOMODCACHE)/$(VULNDB)/data/osv" ./cmd/...

# the real control plane, built once into the user's cache (minutes the first time)
cluster:
	@cd internal/e2e && $(GO) run ./build

# every suite that needs a cluster, in an empty network namespace
e2e:
	@bash .ci/e2e

# the web site in a real browser
site-test:
	@bash .ci/site-test

# the suite with a real kubelet and containers: root, on Linux
e2e-kubelet: build
	@bash .ci/e2e-kubelet

# the full counts: kills, many installations, fuzzing
soak:
	@bash .ci/soak

# figures beside peers, in one run; written to docs/benchmarks.md
bench: build
	$(GO) build -C internal/bench -o ../../bin/bench .
	bin/bench -write docs/benchmarks.md

.PHONY: build demo test check cluster e2e e2e-kubelet site-test soak bench
