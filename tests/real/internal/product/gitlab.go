package product

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"time"
)

// Head is the newest commit of the target branch.
func (g *GitLab) Head(ctx context.Context) (string, error) {
	output, err := exec.CommandContext(ctx, "git", "-C", g.Repository, "rev-parse", "main").Output()
	if err != nil {
		return "", fmt.Errorf("reading the branch: %w", err)
	}
	return strings.TrimSpace(string(output)), nil
}

// Merge merges a merge request as the maintainer.
func (g *GitLab) Merge(ctx context.Context, iid int) error {
	path := fmt.Sprintf("/api/v4/projects/%s/merge_requests/%d/merge", url.PathEscape(Project), iid)
	return g.send(ctx, http.MethodPut, path, map[string]any{})
}

// Hang lets GitLab carry out the next commit and never answer it.
func (g *GitLab) Hang(ctx context.Context) error {
	return g.send(ctx, http.MethodPost, "/-/sandbox/faults", map[string]any{
		"method": "POST", "path_contains": "/repository/commits", "point": "response", "action": "hang",
	})
}

// ClearFaults ends all faults.
func (g *GitLab) ClearFaults(ctx context.Context) error {
	return g.send(ctx, http.MethodDelete, "/-/sandbox/faults", nil)
}

func (g *GitLab) send(ctx context.Context, method, path string, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("asking GitLab: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, method, g.URL+path, bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("asking GitLab: %w", err)
	}
	request.Header.Set("Authorization", "Bearer "+g.Tokens["maintainer"])
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("asking GitLab: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode/100 != 2 {
		answer, _ := io.ReadAll(response.Body)
		return fmt.Errorf("asking GitLab: %s %s: %s %s", method, path, response.Status, answer)
	}
	return nil
}

// Delay lets GitLab carry out the next commit and answer it late.
func (g *GitLab) Delay(ctx context.Context, delay time.Duration) error {
	return g.send(ctx, http.MethodPost, "/-/sandbox/faults", map[string]any{
		"method": "POST", "path_contains": "/repository/commits", "point": "response",
		"action": map[string]any{"delay_ms": delay.Milliseconds()},
	})
}

// Push commits a file as the maintainer, who may push whatever they like; nil for its content removes it.
func (g *GitLab) Push(ctx context.Context, path string, content []byte) error {
	action := map[string]any{"action": "create", "file_path": path, "content": string(content)}
	if content == nil {
		action = map[string]any{"action": "delete", "file_path": path}
	}
	commits := fmt.Sprintf("/api/v4/projects/%s/repository/commits", url.PathEscape(Project))
	return g.send(ctx, http.MethodPost, commits, map[string]any{
		"branch": "main", "commit_message": "Change " + path + " by hand", "actions": []any{action},
	})
}
