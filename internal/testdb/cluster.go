package testdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/postgres"
)

const keeper = "github.com/eucalyptus/hackfest/internal/testdb/keeper"

// join returns the given server, or the shared cluster, which it starts unless
// another test program has. In the cluster's folder are:
//
//	users     locked, shared, by each test program that uses the cluster
//	start     locked by the one that is looking whether it has to be started
//	cluster   what internal/postgres keeps; url says how to connect
//	keeper    the program that runs it; its words are in keeper.log
//
// users and start stay when the cluster goes, so that a lock always means
// something.
func join() (*server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if given := os.Getenv("HACKFEST_TEST_DATABASE"); given != "" {
		return newServer(ctx, given, nil)
	}
	if len(postgres.Locate(ctx)) == 0 {
		return nil, postgres.ErrMissing
	}
	dir, err := folder()
	if err != nil {
		return nil, err
	}
	// A keeper that is just stopping holds this until it is gone.
	users, err := lock(filepath.Join(dir, "users"), syscall.LOCK_SH)
	if err != nil {
		return nil, err
	}
	start, err := lock(filepath.Join(dir, "start"), syscall.LOCK_EX)
	if err != nil {
		return nil, errors.Join(err, users.Close())
	}
	defer start.Close()
	url, err := running(ctx, dir)
	if err != nil {
		url, err = startKeeper(ctx, dir)
	}
	if err != nil {
		return nil, errors.Join(err, users.Close())
	}
	return newServer(ctx, url, users)
}

// folder is where the cluster lives. Postgres, run as another user when we are
// root, must be able to pass through it.
func folder() (string, error) {
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("hackfest-test-%d", os.Getuid()))
	if err := os.Mkdir(dir, 0o711); err != nil && !errors.Is(err, os.ErrExist) {
		return "", err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", err
	}
	if !info.IsDir() || info.Sys().(*syscall.Stat_t).Uid != uint32(os.Getuid()) {
		return "", fmt.Errorf("%s belongs to somebody else", dir)
	}
	return dir, os.Chmod(dir, 0o711) // whatever the umask
}

// lock opens path and waits for the lock. It ends with the file, at the latest
// with this program, however that ends.
func lock(path string, how int) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		if err = syscall.Flock(int(f.Fd()), how); !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// running returns the URL of the cluster if it takes connections.
func running(ctx context.Context, dir string) (string, error) {
	text, err := os.ReadFile(filepath.Join(dir, "url"))
	if err != nil {
		return "", err
	}
	conn, err := pgx.Connect(ctx, string(text))
	if err != nil {
		return "", err
	}
	return string(text), conn.Close(ctx)
}

// startKeeper builds and starts the keeper, and returns when the cluster is up.
func startKeeper(ctx context.Context, dir string) (string, error) {
	program := filepath.Join(dir, "keeper")
	if out, err := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", program, keeper).CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w: %s", keeper, err, out)
	}
	said, err := os.Create(filepath.Join(dir, "keeper.log"))
	if err != nil {
		return "", err
	}
	defer said.Close()
	cmd := exec.Command(program, dir)
	cmd.Dir = "/"
	cmd.Stderr = said // a file, or go test would wait for it
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	url, err := io.ReadAll(out) // it says the URL and closes
	if err == nil && len(url) > 0 {
		return strings.TrimSpace(string(url)), cmd.Process.Release() // it outlives us
	}
	why, _ := os.ReadFile(said.Name())
	return "", fmt.Errorf("keeper: %w: %s", errors.Join(err, cmd.Wait()), why)
}
