// Command servers is a management cluster in one program: every server is a command under its own name, which
// is taken from the name that the program was started by, as k3s does.
package main

import (
	"os"

	"nautes.io/clusters/tests/real/internal/servers"
)

func main() { os.Exit(servers.Run(os.Args)) }
