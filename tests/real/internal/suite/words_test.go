package suite

import (
	"strings"
	"testing"
	"time"

	"nautes.io/clusters/tests/real/internal/product"
)

func TestTheProductMayTakeATenthLongerThanPlainApplications(t *testing.T) {
	for plain, limit := range map[time.Duration]time.Duration{
		44 * time.Second:  62500 * time.Millisecond,
		185 * time.Second: 203500 * time.Millisecond,
		300 * time.Second: 330 * time.Second,
	} {
		if found := paceLimit(plain); found != limit {
			t.Errorf("%s beside %s, not %s", found, plain, limit)
		}
	}
}

func removing(phase string, components ...any) product.Event {
	return product.Event{Name: "status", Data: map[string]any{"phase": phase, "components": components}}
}

func ended(reason string) product.Event {
	return product.Event{Name: "end", Data: map[string]any{"reason": reason}}
}

func TestAWatchOfARemovalTellsWhatIsLeftUntilItIsRemoved(t *testing.T) {
	first := product.Event{Name: "cluster", Data: map[string]any{"status": removing("Removing", "a", "b").Data}}
	for _, row := range []struct {
		events []product.Event
		words  string
	}{
		{[]product.Event{first, removing("Removing", "a"), ended("removed")}, ""},
		{[]product.Event{first, removing("Removing"), ended("removed")}, "status after"},
		{[]product.Event{first, removing("Degraded", "a"), ended("removed")}, "Degraded"},
		{[]product.Event{first, {Name: "error", Data: map[string]any{"reason": "X"}}, ended("removed")}, "error after"},
		{[]product.Event{first, ended("failed")}, "does not end with removed"},
		{[]product.Event{ended("removed")}, "does not end with removed"},
		{nil, "does not end with removed"},
	} {
		found := (&removal{events: row.events}).tellsWhatIsLeft()
		if row.words == "" && found != nil {
			t.Errorf("refused: %v", found)
		}
		if row.words != "" && (found == nil || !strings.Contains(found.Error(), row.words)) {
			t.Errorf("not told by %q: %v", row.words, found)
		}
	}
}
