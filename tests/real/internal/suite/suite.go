// Package suite judges the product: a list of rows, each with a sentence for a name, in an order in which each
// finds what it needs or makes it.
package suite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"nautes.io/clusters/tests/real/internal/world"
)

// rowTimeout is how long one row may take: an installation that takes all its time, and what comes after it.
const rowTimeout = installLimit + 5*time.Minute

// Row is one statement about the product.
type Row struct {
	// Name is the statement, a sentence without its full stop.
	Name string
	// Check finds out whether it holds.
	Check func(context.Context, *Trial) error
}

// Options say which rows are run.
type Options struct {
	// Filters are parts of names; a row whose name has one of them is run. Without any all are.
	Filters []string
}

// rows are all rows, in the order in which they run.
func rows() []Row {
	return slices.Concat(deploymentRows, definitionRows, boundaryRows, registrationRows, nameRows, brokenRows, changeRows, pushedRows, faultRows,
		commandLineRows, removalRows, paceRows, togetherRows)
}

func (o Options) selects(row Row) bool {
	return len(o.Filters) == 0 || slices.ContainsFunc(o.Filters, row.hasPart)
}

// hasPart looks for a part in the name, in whichever case it is written.
func (r Row) hasPart(part string) bool {
	return strings.Contains(strings.ToLower(r.Name), strings.ToLower(part))
}

// check holds that every filter selects something: a run of no row would pass.
func (o Options) check() error {
	for _, part := range o.Filters {
		if !slices.ContainsFunc(rows(), func(row Row) bool { return row.hasPart(part) }) {
			return fmt.Errorf("no row's name has %q in it: tests/real/run --list prints all of them", part)
		}
	}
	return nil
}

// List prints the selected rows.
func (o Options) List(output io.Writer) error {
	if err := o.check(); err != nil {
		return err
	}
	for _, row := range rows() {
		if o.selects(row) {
			fmt.Fprintf(output, "%s%s\n", row.Name, knownSuffix(row.Name))
		}
	}
	return nil
}

// Run starts the world and runs the selected rows.
func Run(ctx context.Context, w *world.World, options Options) error {
	if err := errors.Join(checkKnown(), options.check()); err != nil {
		return err
	}
	begin := time.Now()
	if err := w.Start(ctx); err != nil {
		return err
	}
	fmt.Printf("everything runs after %s\n\n", rounded(time.Since(begin)))
	trial, err := newTrial(ctx, w, len(options.Filters) == 0)
	if err != nil {
		return err
	}
	passed, failed, skipped := 0, 0, 0
	for _, row := range rows() {
		if !options.selects(row) {
			skipped++
			continue
		}
		if ctx.Err() != nil {
			return errors.New("interrupted")
		}
		if trial.judge(ctx, row) {
			passed++
		} else {
			failed++
		}
	}
	fmt.Printf("\n%s in all; logs: %s\n", rounded(time.Since(begin)), w.Group.Logs())
	rest := ""
	if skipped > 0 {
		rest = fmt.Sprintf(", %d skipped", skipped)
	}
	fmt.Printf("%d passed, %d failed%s\n", passed, failed, rest)
	if failed > 0 {
		return ErrFailed
	}
	return nil
}

// ErrFailed says that a row failed; everything about it has been printed.
var ErrFailed = errors.New("the product does not do what the suite says")

// judge runs a row and says whether all is as expected: it passes, or fails for the reason that is known.
func (r *Trial) judge(ctx context.Context, row Row) bool {
	ctx, cancel := context.WithTimeout(ctx, rowTimeout)
	defer cancel()
	begin := time.Now()
	err := row.Check(ctx, r)
	took := rounded(time.Since(begin))
	reason, known := knownFailures[row.Name]
	switch {
	case err == nil && known:
		fmt.Printf("FAIL  %s (%s)\n      it holds now: remove its line from known.go, which says %q\n", row.Name, took, reason)
		return false
	case err == nil:
		fmt.Printf("ok    %s (%s)\n", row.Name, took)
		return true
	case known && !errors.Is(err, errSetUp):
		fmt.Printf("known %s (%s)\n      %s\n      as found: %s\n", row.Name, took, reason, oneLine(err))
		return true
	default:
		fmt.Printf("FAIL  %s (%s)\n      %s\n", row.Name, took, oneLine(err))
		return false
	}
}

// errSetUp marks what went wrong before the statement could be looked at: no known failure is excused by it.
var errSetUp = errors.New("nothing could be judged")

func setUp(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", errSetUp, err)
}

func oneLine(err error) string {
	return strings.ReplaceAll(fmt.Sprintf("%.8000s", err.Error()), "\n", "\n      ")
}

func rounded(duration time.Duration) time.Duration { return duration.Round(100 * time.Millisecond) }
