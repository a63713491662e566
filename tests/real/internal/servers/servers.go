// Package servers holds every server of a management cluster, and the two tools that Argo CD and the documents
// call, as commands under their own names.
package servers

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	appcontroller "github.com/argoproj/argo-cd/v3/cmd/argocd-application-controller/commands"
	applicationset "github.com/argoproj/argo-cd/v3/cmd/argocd-applicationset-controller/commands"
	gitaskpass "github.com/argoproj/argo-cd/v3/cmd/argocd-git-ask-pass/commands"
	reposerver "github.com/argoproj/argo-cd/v3/cmd/argocd-repo-server/commands"
	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	kubectl "k8s.io/kubectl/pkg/cmd"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"

	"nautes.io/clusters/tests/real/names"
)

// commands makes the command of each name. A name that is missing here is no server of ours.
var commands = map[string]func() *cobra.Command{
	"kube-apiserver":                   apiserver.NewAPIServerCommand,
	"kube-controller-manager":          controllers.NewControllerManagerCommand,
	"kube-scheduler":                   func() *cobra.Command { return scheduler.NewSchedulerCommand() },
	"kubectl":                          kubectl.NewDefaultKubectlCommand,
	"kustomize":                        kustomizeCommand,
	"redis":                            redisCommand,
	"argocd-application-controller":    appcontroller.NewCommand,
	"argocd-applicationset-controller": applicationset.NewCommand,
	"argocd-repo-server":               reposerver.NewCommand,
	"argocd-git-ask-pass":              gitaskpass.NewCommand,
}

// Run runs the server whose name is the program's own, or else its first argument, and returns its exit code.
func Run(args []string) int {
	names.Resolve()
	name := filepath.Base(args[0])
	if name == "servers" && len(args) > 1 {
		args = args[1:]
		name = args[0]
	}
	if name == "argocd" {
		// So Argo CD calls its own program, with the command's name beside it.
		name = os.Getenv("ARGOCD_BINARY_NAME")
	}
	if name == "etcd" {
		etcdmain.Main(args)
		return 0
	}
	newCommand, known := commands[name]
	if !known {
		names := append(slices.Sorted(maps.Keys(commands)), "etcd")
		fmt.Fprintf(os.Stderr, "no server is called %q; there are %v\n", name, names)
		return 2
	}
	// Commands look at the process' arguments as well as at cobra's: kubectl for its plugins.
	os.Args = args
	command := newCommand()
	command.SetArgs(args[1:])
	if err := command.Execute(); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		return 1
	}
	return 0
}
