package world

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"nautes.io/clusters/tests/real/internal/argocd"
	"nautes.io/clusters/tests/real/internal/kubernetes"
	"nautes.io/clusters/tests/real/internal/standin"
)

// startStandIns lets the parts of Pods be played, in clusters that run and in those that will.
func (w *World) startStandIns() {
	ctx, cancel := context.WithCancel(context.Background())
	w.standIns = cancel
	logger := log.New(logFile{filepath.Join(w.Group.Logs(), "stand-ins.log")}, "", log.LstdFlags)
	jobs := &standin.Jobs{Group: w.Group, Management: w.Management, Bin: w.Bin, Dir: w.Dir, Namespace: argocd.Namespace}
	w.playing.Go(func() { jobs.Play(ctx, logger) })
	w.playing.Go(func() {
		played := map[string]bool{}
		for ctx.Err() == nil {
			for name, cluster := range w.running() {
				if !played[name] && w.play(ctx, logger, cluster) {
					played[name] = true
				}
			}
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	})
}

// play starts the parts of one cluster; false where it has to wait for its host.
func (w *World) play(ctx context.Context, logger *log.Logger, cluster *kubernetes.Cluster) bool {
	gateway := cluster
	if IsVirtual(cluster.Name) {
		if gateway = w.running()[Host]; gateway == nil {
			return false
		}
	}
	if cluster.Pods {
		w.playing.Go(func() { standin.PlayPods(ctx, logger, cluster, gateway) })
	}
	if cluster.Name == Host {
		w.playing.Go(func() { standin.PlayVirtualClusters(ctx, logger, cluster, w.Cluster) })
	}
	return true
}

// logFile is a file that is opened for every line: stand-ins say little.
type logFile struct{ path string }

func (f logFile) Write(line []byte) (int, error) {
	file, err := os.OpenFile(f.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return 0, fmt.Errorf("opening the log of stand-ins: %w", err)
	}
	defer file.Close()
	return file.Write(line)
}
