package servers

import (
	"fmt"

	"github.com/alicebob/miniredis/v2"
	"github.com/spf13/cobra"
)

// redisCommand serves Argo CD's cache from memory.
func redisCommand() *cobra.Command {
	var listen string
	command := &cobra.Command{
		Use:          "redis",
		SilenceUsage: true,
		RunE: func(command *cobra.Command, _ []string) error {
			server := miniredis.NewMiniRedis()
			if err := server.StartAddr(listen); err != nil {
				return fmt.Errorf("listening on %s: %w", listen, err)
			}
			<-command.Context().Done()
			return nil
		},
	}
	command.Flags().StringVar(&listen, "listen", "127.0.0.1:6379", "address of the cache")
	return command
}
