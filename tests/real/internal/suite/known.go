package suite

import "fmt"

// knownFailures are the rows that today's product fails, by name, each with the reason in words. A row that is listed has to fail,
// and for something that it has judged: one that holds again is an error until its line is gone.
var knownFailures = map[string]string{}

// checkKnown holds that every line above belongs to a row.
func checkKnown() error {
	names := map[string]bool{}
	for _, row := range rows() {
		if names[row.Name] {
			return fmt.Errorf("two rows are called %q", row.Name)
		}
		names[row.Name] = true
	}
	for name := range knownFailures {
		if !names[name] {
			return fmt.Errorf("known.go has a line for %q, and no row is called so", name)
		}
	}
	return nil
}

func knownSuffix(name string) string {
	if reason, known := knownFailures[name]; known {
		return "   [known: " + reason + "]"
	}
	return ""
}
