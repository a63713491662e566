// Command argocd is the oldest Argo CD that the product supports, as commands under their own names. It is a module
// beside the suite's, since two versions of one module do not fit into one program.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	appcontroller "github.com/argoproj/argo-cd/v3/cmd/argocd-application-controller/commands"
	applicationset "github.com/argoproj/argo-cd/v3/cmd/argocd-applicationset-controller/commands"
	gitaskpass "github.com/argoproj/argo-cd/v3/cmd/argocd-git-ask-pass/commands"
	reposerver "github.com/argoproj/argo-cd/v3/cmd/argocd-repo-server/commands"
	"github.com/spf13/cobra"

	"nautes.io/clusters/tests/real/names"
)

var commands = map[string]func() *cobra.Command{
	"argocd-application-controller":    appcontroller.NewCommand,
	"argocd-applicationset-controller": applicationset.NewCommand,
	"argocd-repo-server":               reposerver.NewCommand,
	"argocd-git-ask-pass":              gitaskpass.NewCommand,
}

func main() {
	names.Resolve()
	name := filepath.Base(os.Args[0])
	if name == "argocd" {
		// So Argo CD calls its own program, with the command's name beside it.
		name = os.Getenv("ARGOCD_BINARY_NAME")
	}
	newCommand, known := commands[name]
	if !known {
		fmt.Fprintf(os.Stderr, "no command of Argo CD is called %q\n", name)
		os.Exit(2)
	}
	command := newCommand()
	command.SetArgs(os.Args[1:])
	if err := command.Execute(); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}
