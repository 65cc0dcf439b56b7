# What people and CI type. "make" alone lists it.

ARGS     ?=
PACKAGES ?= ./...
COUNT    ?= 6
VERSION  := $(shell git describe --tags --match 'v*' --dirty 2>/dev/null || echo dev)
# Stamped only where git answers: it refuses a checkout that belongs to somebody else.
VCS      := $(shell git status --porcelain >/dev/null 2>&1 && echo true || echo false)

# One way to compile: what is compiled for the tests serves the tools and the program as well.
export CGO_ENABLED := 0
export GOFLAGS     := $(filter-out -trimpath,$(GOFLAGS)) -trimpath

.DEFAULT_GOAL := help
.PHONY: help run test check bench gen pictures build

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1 \t/p' $(MAKEFILE_LIST)

run: ## build, then show everything on http://127.0.0.1:8080 (ARGS=--fresh starts over)
	@tools/install.sh run
	@$(MAKE) --no-print-directory build
	bin/hackfest demo $(ARGS)

# The two that take longest begin first. "make check" vets more than go test would, and nobody debugs what is linked here.
FIRST    := $(if $(filter ./...,$(PACKAGES)),./web ./internal/e2e)
GOTEST   := go test -count 1 -vet=off -ldflags=-w -timeout 20m

test: ## run all tests, against real Postgres, ngIRCd and Chromium
	@tools/install.sh test
	$(GOTEST) -p 3 $(FIRST) $(PACKAGES) # they wait more than they work
ifeq ($(PACKAGES),./...)
	TZ=Asia/Tokyo $(GOTEST) ./web ./internal/schedule -run '^TestA[123]?[0-9][A-Z]|^TestInstant' # the machine's own zone is no matter
endif

check: bin/tools/staticcheck bin/tools/gofumpt ## what CI runs after the tests: generated files, vet, staticcheck, format, build
	tools/check-generated.sh
	go vet ./...
	go vet -tags testclock ./...
	bin/tools/staticcheck ./...
	@bad=$$(bin/tools/gofumpt -l cmd internal migrations static templates web); if [ -n "$$bad" ]; then echo "gofumpt would change:"; echo "$$bad"; exit 1; fi
	@$(MAKE) --no-print-directory build

bench: bin/tools/benchstat ## run the benchmarks and summarise them
	@mkdir -p tmp
	go test -run '^$$' -bench . -benchmem -count $(COUNT) $(PACKAGES) | tee tmp/bench.txt
	bin/tools/benchstat tmp/bench.txt

gen: ## make the *_templ.go files from the *.templ files, and docs/commands.md and settings.md from the program
	go tool templ generate
	go test ./cmd/hackfest -run TestReferencesAreUpToDate -update

pictures: ## take the pictures of docs/img anew, of the sample community in Chromium
	@tools/install.sh test
	HACKFEST_TEST_SHOTS=$(CURDIR)/docs/img go test ./web -count 1 -run '^TestBrowserPictures$$'

build: ## make bin/hackfest
	go build -buildvcs=$(VCS) -ldflags '-X main.version=$(VERSION)' -o bin/hackfest ./cmd/hackfest

bin/tools/%: tools/go.mod tools/go.sum
	@mkdir -p bin/tools
	go -C tools build -buildvcs=false -o ../bin/tools/ tool
	@touch bin/tools/*
