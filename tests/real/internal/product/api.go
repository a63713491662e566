package product

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Client sends requests to the API with a caller's GitLab token.
type Client struct {
	URL   string
	Token string
}

// Answer is what the API answered.
type Answer struct {
	Status int
	Body   map[string]any
}

// String is the answer in one line, for a message.
func (a Answer) String() string {
	text, _ := json.Marshal(a.Body)
	return fmt.Sprintf("%d %.700s", a.Status, text)
}

// Reason is the problem's reason; empty for a success.
func (a Answer) Reason() string {
	reason, _ := a.Body["reason"].(string)
	return reason
}

// Phase is the phase of a cluster's status.
func (a Answer) Phase() string {
	status, _ := a.Body["status"].(map[string]any)
	phase, _ := status["phase"].(string)
	return phase
}

// Waiting are the components of a cluster's status that have a message, a line each: most say what they wait for.
func (a Answer) Waiting() string {
	status, _ := a.Body["status"].(map[string]any)
	components, _ := status["components"].([]any)
	var waiting []string
	for _, component := range components {
		fields, _ := component.(map[string]any)
		if message, _ := fields["message"].(string); message != "" {
			waiting = append(waiting, fmt.Sprintf("%v (%v, %v): %s", fields["name"], fields["sync"], fields["health"], message))
		}
	}
	return strings.Join(waiting, "\n")
}

// Save registers a cluster or changes it. query begins with a question mark, or is empty. A refusal is an Answer as well; an error
// means that there was none, or none in JSON.
func (c *Client) Save(ctx context.Context, name, query string, body any) (Answer, error) {
	return c.send(ctx, http.MethodPost, name+query, body)
}

// Delete removes a cluster.
func (c *Client) Delete(ctx context.Context, name, query string) (Answer, error) {
	return c.send(ctx, http.MethodDelete, name+query, nil)
}

// Get reads a cluster with its status.
func (c *Client) Get(ctx context.Context, name string) (Answer, error) {
	return c.send(ctx, http.MethodGet, name, nil)
}

func (c *Client) send(ctx context.Context, method, path string, body any) (Answer, error) {
	request, err := c.request(ctx, method, path, body)
	if err != nil {
		return Answer{}, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return Answer{}, fmt.Errorf("asking the API: %w", err)
	}
	defer response.Body.Close()
	answer := Answer{Status: response.StatusCode}
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return answer, fmt.Errorf("reading the API's answer: %w", err)
	}
	if err := json.Unmarshal(text, &answer.Body); err != nil {
		return answer, fmt.Errorf("reading the API's answer %d %q: %w", answer.Status, text, err)
	}
	return answer, nil
}

func (c *Client) request(ctx context.Context, method, path string, body any) (*http.Request, error) {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, fmt.Errorf("writing a request: %w", err)
		}
		content = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.URL+"/api/v1/clusters/"+path, content)
	if err != nil {
		return nil, fmt.Errorf("writing a request: %w", err)
	}
	request.Header.Set("Authorization", "Bearer "+c.Token)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	return request, nil
}

// Event is one event of a watch.
type Event struct {
	// Name is cluster, status, error or end.
	Name string
	Data map[string]any
	// After is the time since the watch began.
	After time.Duration
}

// Phase is the phase that an event of a cluster or of its status tells.
func (e Event) Phase() string {
	phase, _ := e.status()["phase"].(string)
	return phase
}

// Components are those of the status that an event of a cluster or of its status tells.
func (e Event) Components() []any {
	components, _ := e.status()["components"].([]any)
	return components
}

func (e Event) status() map[string]any {
	if e.Name != "cluster" {
		return e.Data
	}
	status, _ := e.Data["status"].(map[string]any)
	return status
}

// Watch watches a cluster until the stream ends, and returns all events. A stream that is cut off is an error,
// beside the events that came before. tell is called with each event as it comes; it may be nil.
func (c *Client) Watch(ctx context.Context, name string, tell func(Event)) ([]Event, error) {
	begin := time.Now()
	request, err := c.request(ctx, http.MethodGet, name+"?watch=true", nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("watching %s: %w", name, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(response.Body)
		return nil, fmt.Errorf("watching %s: %s %s", name, response.Status, text)
	}
	var events []Event
	event := Event{}
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		switch {
		case strings.HasPrefix(line, "event: "):
			event.Name = line[len("event: "):]
		case strings.HasPrefix(line, "data: "):
			if err := json.Unmarshal([]byte(line[len("data: "):]), &event.Data); err != nil {
				return events, fmt.Errorf("reading an event of %s: %w", name, err)
			}
		case line == "" && event.Name != "":
			event.After = time.Since(begin)
			events = append(events, event)
			if tell != nil {
				tell(event)
			}
			event = Event{}
		}
	}
	if err := lines.Err(); err != nil {
		return events, fmt.Errorf("watching %s: %w", name, err)
	}
	if len(events) == 0 || events[len(events)-1].Name != "end" {
		return events, fmt.Errorf("watching %s: the stream was cut off", name)
	}
	return events, nil
}
