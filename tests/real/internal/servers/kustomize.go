package servers

import (
	"fmt"

	"github.com/spf13/cobra"
	kustomize "sigs.k8s.io/kustomize/kustomize/v5/commands"
)

// kustomizeVersion is the module's in go.mod, which tests/real/build links in. Argo CD asks for it, and a program that is built from a
// module of another name can't tell it by itself.
var kustomizeVersion = "unknown"

// kustomizeCommand is kustomize as Argo CD calls it.
func kustomizeCommand() *cobra.Command {
	command := kustomize.NewDefaultCommand()
	for _, child := range command.Commands() {
		if child.Name() == "version" {
			command.RemoveCommand(child)
		}
	}
	version := &cobra.Command{
		Use: "version",
		Run: func(*cobra.Command, []string) { fmt.Println(kustomizeVersion) },
	}
	version.Flags().Bool("short", true, "kept for callers that ask for it")
	command.AddCommand(version)
	return command
}
