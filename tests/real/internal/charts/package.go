package charts

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"sigs.k8s.io/yaml"
)

// pack makes an archive of a chart's folder, as `helm package --version` does.
func pack(folder, version string) ([]byte, error) {
	var archive bytes.Buffer
	compressed := gzip.NewWriter(&archive)
	writer := tar.NewWriter(compressed)
	parent := filepath.Dir(folder)
	err := filepath.WalkDir(folder, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if entry.Name() == "Chart.yaml" {
			if content, err = withVersion(content, version); err != nil {
				return err
			}
		}
		name, err := filepath.Rel(parent, file)
		if err != nil {
			return err
		}
		header := &tar.Header{Name: filepath.ToSlash(name), Mode: 0o644, Size: int64(len(content)), Typeflag: tar.TypeReg}
		if err := writer.WriteHeader(header); err != nil {
			return err
		}
		_, err = writer.Write(content)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("packing chart %s: %w", folder, err)
	}
	if err := writer.Close(); err != nil {
		return nil, fmt.Errorf("packing chart %s: %w", folder, err)
	}
	if err := compressed.Close(); err != nil {
		return nil, fmt.Errorf("packing chart %s: %w", folder, err)
	}
	return archive.Bytes(), nil
}

func withVersion(chart []byte, version string) ([]byte, error) {
	metadata := map[string]any{}
	if err := yaml.Unmarshal(chart, &metadata); err != nil {
		return nil, err
	}
	metadata["version"] = version
	metadata["appVersion"] = version
	return yaml.Marshal(metadata)
}

// archiveName is the file of a chart in the repository.
func archiveName(chart helmChart) string { return chart.name + "-" + chart.version + ".tgz" }

// index is the repository's index.yaml.
func index(charts map[helmChart][]byte) ([]byte, error) {
	entries := map[string]any{}
	for chart, archive := range charts {
		digest := sha256.Sum256(archive)
		entries[chart.name] = []any{map[string]any{
			"apiVersion": "v2",
			"name":       chart.name,
			"version":    chart.version,
			"digest":     hex.EncodeToString(digest[:]),
			"urls":       []any{archiveName(chart)},
		}}
	}
	return yaml.Marshal(map[string]any{"apiVersion": "v1", "entries": entries})
}
