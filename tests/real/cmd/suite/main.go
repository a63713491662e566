// Command suite judges the product by a real management cluster: see tests/real/README.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"

	"nautes.io/clusters/tests/real/internal/suite"
	"nautes.io/clusters/tests/real/internal/world"
)

func main() {
	err := run(os.Args[1:])
	if err == nil {
		return
	}
	// The suite's last line is its result, alone.
	if !errors.Is(err, suite.ErrFailed) {
		fmt.Fprintln(os.Stderr, "error:", err)
	}
	os.Exit(1)
}

func run(args []string) error {
	if len(args) == 0 || !slices.Contains([]string{"run", "up", "with-cluster"}, args[0]) {
		return errors.New("say run, up or with-cluster")
	}
	flags := flag.NewFlagSet(args[0], flag.ExitOnError)
	list := flags.Bool("list", false, "print the rows' names and run none")
	clusters := flags.Bool("clusters", false, "start every cluster that can be registered")
	keep := flags.Bool("keep", false, "keep the run's data, not its logs alone")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	options := suite.Options{Filters: flags.Args()}
	if *list {
		return options.List(os.Stdout)
	}
	paths, err := paths()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	w, err := world.New(paths)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "logs: %s\n", w.Group.Logs())
	defer func() {
		w.Stop()
		if !*keep {
			clean(paths.Dir)
		}
	}()
	switch args[0] {
	case "up":
		return up(ctx, w, *clusters)
	case "with-cluster":
		return withCluster(ctx, w, flags.Args())
	default:
		return suite.Run(ctx, w, options)
	}
}

// paths come from tests/real/build.
func paths() (world.Paths, error) {
	workspace := os.Getenv("REAL_WORKSPACE")
	if workspace == "" {
		return world.Paths{}, fmt.Errorf("start it by tests/real/run or tests/real/up")
	}
	target := filepath.Join(workspace, "target")
	runs := filepath.Join(target, "real", "runs")
	if err := os.MkdirAll(runs, 0o755); err != nil {
		return world.Paths{}, fmt.Errorf("making the folder of runs: %w", err)
	}
	dir, err := os.MkdirTemp(runs, "run-")
	if err != nil {
		return world.Paths{}, fmt.Errorf("making the run's folder: %w", err)
	}
	return world.Paths{
		Workspace: workspace,
		Bin:       os.Getenv("REAL_BIN"),
		Sandbox:   filepath.Join(target, "debug", "sandbox"),
		Catalog:   filepath.Join(workspace, "crates", "domain", "catalog.yaml"),
		Dir:       dir,
	}, nil
}

// clean removes a run's data and keeps its logs.
func clean(dir string) {
	entries, err := os.ReadDir(dir)
	for _, entry := range entries {
		if entry.Name() != "logs" {
			err = errors.Join(err, os.RemoveAll(filepath.Join(dir, entry.Name())))
		}
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "data of the run is left: %v\n", err)
	}
}
