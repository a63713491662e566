// Package charts serves our charts and manifests in the place of those that the product's catalog names, over
// https and under an authority of the run.
package charts

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"

	"sigs.k8s.io/yaml"
)

// Catalog is the product's component catalog, of which the sources alone are looked at. Everything else is kept
// as it is.
type Catalog struct {
	document map[string]any
}

// helmChart is a chart that the catalog names.
type helmChart struct {
	name, version string
}

// readCatalog reads the product's catalog.
func readCatalog(file string) (*Catalog, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the catalog: %w", err)
	}
	catalog := new(Catalog)
	if err := yaml.Unmarshal(text, &catalog.document); err != nil {
		return nil, fmt.Errorf("reading the catalog %s: %w", file, err)
	}
	return catalog, nil
}

// rewrite lets every source lead to a server and returns the charts that it has to have.
func (c *Catalog) rewrite(base string, manifests map[string]string) ([]helmChart, error) {
	var charts []helmChart
	for _, entry := range list(c.document["components"]) {
		source, _ := entry["source"].(map[string]any)
		if chart, found := takeChart(source, base); found {
			charts = append(charts, chart)
			continue
		}
		urls, _ := source["manifests"].([]any)
		for i, url := range urls {
			ours, err := manifestOf(fmt.Sprint(url), manifests)
			if err != nil {
				return nil, fmt.Errorf("component %v: %w", entry["name"], err)
			}
			urls[i] = base + "/manifests/" + ours
		}
	}
	for _, entry := range list(c.document["charts"]) {
		if chart, found := takeChart(entry, base); found {
			charts = append(charts, chart)
		}
	}
	return charts, nil
}

func (c *Catalog) text() (string, error) {
	text, err := yaml.Marshal(c.document)
	return string(text), err
}

// takeChart lets a chart come from our repository, in the version that the catalog names.
func takeChart(source map[string]any, base string) (helmChart, bool) {
	helm, found := source["helm"].(map[string]any)
	if !found {
		return helmChart{}, false
	}
	helm["repository"] = base + "/charts"
	return helmChart{name: fmt.Sprint(helm["chart"]), version: fmt.Sprint(helm["version"])}, true
}

// manifestOf finds the file of ours that stands for an address: patterns have `*` for a version.
func manifestOf(url string, manifests map[string]string) (string, error) {
	for pattern, file := range manifests {
		if matches, err := path.Match(pattern, url); err == nil && matches {
			return file, nil
		}
	}
	return "", fmt.Errorf("tests/real/manifests/sources.yaml has nothing for %s", url)
}

func readSources(folder string) (map[string]string, error) {
	text, err := os.ReadFile(filepath.Join(folder, "manifests", "sources.yaml"))
	if err != nil {
		return nil, fmt.Errorf("reading the sources of manifests: %w", err)
	}
	sources := map[string]string{}
	if err := yaml.Unmarshal(text, &sources); err != nil {
		return nil, fmt.Errorf("reading the sources of manifests: %w", err)
	}
	return sources, nil
}

// Broken is a catalog in which charts are broken on purpose: by a value that ours alone know, one can't be rendered or makes
// an object that no API server takes.
func Broken(catalog string, names ...string) (string, error) {
	broken := new(Catalog)
	if err := yaml.Unmarshal([]byte(catalog), &broken.document); err != nil {
		return "", fmt.Errorf("reading the catalog: %w", err)
	}
	found := 0
	for _, entry := range list(broken.document["components"]) {
		source, _ := entry["source"].(map[string]any)
		helm, isChart := source["helm"].(map[string]any)
		if isChart && slices.Contains(names, fmt.Sprint(entry["name"])) {
			helm["values"] = map[string]any{"broken": true}
			found++
		}
	}
	if found != len(names) {
		return "", fmt.Errorf("the catalog has %d charts of %v", found, names)
	}
	return broken.text()
}

// list is a list of objects in a document.
func list(value any) []map[string]any {
	items, _ := value.([]any)
	var objects []map[string]any
	for _, item := range items {
		if object, isObject := item.(map[string]any); isObject {
			objects = append(objects, object)
		}
	}
	return objects
}
