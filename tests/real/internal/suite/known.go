package suite

import "fmt"

// knownFailures are the rows that today's product fails, by name, each with the id of the reason: R… of the first
// trial with real servers, C… and F… of the issues about the boundary and about installs. A row that is listed has
// to fail; one that holds again is an error until its line is gone.
var knownFailures = map[string]string{
	"the service account is refused to write a Secret that is no cluster's":                                                  "R12: no admission policy is shipped",
	"the service account is refused to write a cluster Secret for the in-cluster address":                                    "R12: no admission policy is shipped",
	"the service account is refused to delete Argo CD's own Secret":                                                          "R12: no admission policy is shipped",
	"the service account is refused to run a Job as another service account":                                                 "R12: no admission policy is shipped",
	"the management cluster is not registered by any of its addresses":                                                       "R8: nothing looks at what an address means",
	"a proxy in a kubeconfig does not lead into the management cluster":                                                      "R8: nothing looks at what an address means",
	"a cluster Secret of somebody else is not taken over":                                                                    "C (security.md 3): objects of others are not told from ours",
	"a developer does not get credentials installed that nobody approved":                                                    "C (security.md 4): no fingerprint of credentials is in the branch",
	"the guide's pipeline worker becomes Ready, and Argo CD says of every Application that it is synced and healthy":         "R2, F18: the autoscaler of Tekton's webhook",
	"the watch of the guide's pipeline worker raises no false alarm on the way":                                              "R1, R2: Degraded ends a watch at once",
	"the guide's virtual pipeline worker becomes Ready, and Argo CD says of every Application that it is synced and healthy": "R2, F18: the autoscaler of Tekton's webhook",
	"the watch of the guide's virtual pipeline worker raises no false alarm on the way":                                      "R1, R2: Degraded ends a watch at once",
	"the guide's virtual pipeline worker brings no gateway of its own":                                                       "R4, F1",
	"a virtual cluster whose host has no default StorageClass says what it waits for":                                        "R10, F20",
	"a webhook of HNC that nobody answers keeps nobody from making a namespace":                                              "R5, F3",
	"a server is registered under another name right after the removal, and stays registered":                                "R7: the new Secret takes the old one's place while Applications need it",
	"a cluster whose API server is gone is removed by force":                                                                 "R13: Argo CD deletes no Application while its operation is repeated, and ours are repeated for ever (retry.limit -1)",
	"the removal of the guide's host ends with 404 and leaves nothing of it in the management cluster":                       "F4: External Secrets is gone before its finalizers",
	"the guide's host keeps nothing of ours after its removal but what the documents name":                                   "F4: External Secrets is gone before its finalizers",
	"the removal of the guide's deployment worker ends with 404 and leaves nothing of it in the management cluster":          "F4: External Secrets is gone before its finalizers",
	"the guide's deployment worker keeps nothing of ours after its removal but what the documents name":                      "F4: External Secrets is gone before its finalizers",
	"the removal of the guide's pipeline worker ends with 404 and leaves nothing of it in the management cluster":            "F4: External Secrets is gone before its finalizers",
	"the guide's pipeline worker keeps nothing of ours after its removal but what the documents name":                        "F4: External Secrets is gone before its finalizers",
}

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
