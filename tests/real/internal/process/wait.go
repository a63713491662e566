package process

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// startTimeout is how long a server may take until it answers: twenty times what it takes on two free cores.
const startTimeout = 3 * time.Minute

// WaitUntil repeats a look until it finds nothing wrong, or the program that is looked at has ended.
func (p *Process) WaitUntil(ctx context.Context, look func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		err := look(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.ended:
			return p.Err()
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s (log: %s): %w", p.Name, p.Log, err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Probe asks a health address once; an error where it does not answer 200.
func Probe(ctx context.Context, client *http.Client, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, response.Status)
	}
	return nil
}
