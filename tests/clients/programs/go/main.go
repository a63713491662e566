// A client of openapi-generator (go) does what a person would do: save, read, watch, list and remove a cluster.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	nautes "example.com/nautes"
)

func main() {
	log.SetFlags(0)
	name := os.Getenv("NAME")
	configuration := nautes.NewConfiguration()
	configuration.Servers = nautes.ServerConfigurations{{URL: os.Getenv("API")}}
	client := nautes.NewAPIClient(configuration)
	ctx := context.WithValue(context.Background(), nautes.ContextAccessToken, os.Getenv("TOKEN"))

	save(ctx, client, name)
	read(ctx, client, name)
	watch(client, name)
	list(ctx, client, name)
	remove(ctx, client, name)
}

func save(ctx context.Context, client *nautes.APIClient, name string) {
	var request nautes.SaveClusterRequest
	text := must(os.ReadFile(os.Getenv("BODY")))
	check(json.Unmarshal(text, &request))
	planned, _, err := client.ClustersAPI.ClusterSaveCluster(ctx, name).DryRun(true).SaveClusterRequest(request).Execute()
	check(err)
	assert(len(planned.Changes) > 5 && strings.Contains(planned.GetDiff(), name), "a dry run has changes and a diff")
	saved, _, err := client.ClustersAPI.ClusterSaveCluster(ctx, name).SaveClusterRequest(request).Execute()
	check(err)
	assert(saved.Message == "Successfully saved "+name+" cluster", saved.Message)
	assert(saved.Commit.Get().FilesChanged > 5, "the commit has files")
	again, _, err := client.ClustersAPI.ClusterSaveCluster(ctx, name).SaveClusterRequest(request).Execute()
	check(err)
	assert(!again.Commit.IsSet() || again.Commit.Get() == nil, "the same again commits nothing")

	request.ApiServer = "http://10.0.0.1"
	_, _, err = client.ClustersAPI.ClusterSaveCluster(ctx, name).SaveClusterRequest(request).Execute()
	problem := problemOf(err)
	assert(problem.Reason == nautes.VALIDATION_FAILED, string(problem.Reason))
	assert(problem.Violations[0].Field == "/api_server", problem.Violations[0].Field)
}

func read(ctx context.Context, client *nautes.APIClient, name string) {
	cluster, _, err := client.ClustersAPI.ClusterGetCluster(ctx, name).Execute()
	check(err)
	assert(cluster.Name == name && cluster.Usage == nautes.WORKER, cluster.Name)
	assert(cluster.Status.Phase.IsValid(), string(cluster.Status.Phase))
	gateway := cluster.ComponentsList.Gateway.Get()
	assert(gateway.GetName() == "traefik" && *gateway.GetAdditions()["httpNodePort"].String == "30080", "additions")
	_, _, err = client.ClustersAPI.ClusterGetCluster(ctx, "nobody").Execute()
	assert(problemOf(err).Reason == nautes.CLUSTER_NOT_FOUND, "nobody is not found")
}

// The client reads an answer whole, so a stream is read past it, with its settings and its types.
func watch(client *nautes.APIClient, name string) {
	configuration := client.GetConfig()
	address := configuration.Servers[0].URL + "/api/v1/clusters/" + url.PathEscape(name) + "?watch=true&timeout_seconds=120"
	request := must(http.NewRequest(http.MethodGet, address, nil))
	request.Header.Set("Authorization", "Bearer "+os.Getenv("TOKEN"))
	answer := must(configuration.HTTPClient.Do(request))
	defer answer.Body.Close()
	var events []string
	var end nautes.StreamEnd
	reader := bufio.NewReader(answer.Body)
	event := ""
	for {
		line, err := reader.ReadString('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		check(err)
		if value, found := strings.CutPrefix(line, "event: "); found {
			event = strings.TrimSpace(value)
			events = append(events, event)
		}
		if data, found := strings.CutPrefix(line, "data: "); found {
			decode(event, data, &end)
		}
	}
	assert(events[0] == "cluster" && slices.Contains(events, "status"), fmt.Sprint(events))
	assert(end.Reason == "ready", end.Reason)
}

func decode(event, data string, end *nautes.StreamEnd) {
	into := map[string]any{"cluster": &nautes.Cluster{}, "status": &nautes.Status{}, "error": &nautes.Problem{}, "end": end}
	check(json.Unmarshal([]byte(data), into[event]))
}

func list(ctx context.Context, client *nautes.APIClient, name string) {
	clusters, _, err := client.ClustersAPI.ClusterListClusters(ctx).FieldSelector("usage=worker").IncludeStatus(true).Execute()
	check(err)
	at := slices.IndexFunc(clusters.Items, func(cluster nautes.Cluster) bool { return cluster.Name == name })
	assert(at >= 0 && clusters.Items[at].Status.Phase == nautes.READY, "it is listed, and ready")
	page, _, err := client.ClustersAPI.ClusterListClusters(ctx).PerPage(1).Execute()
	check(err)
	assert(len(page.Items) == 1, "a page of one")
	proposals, _, err := client.ClustersAPI.MergeRequestListMergeRequests(ctx).Execute()
	check(err)
	assert(len(proposals.Items) == 0, "nothing is proposed")
	health, _, err := client.ServiceAPI.ServiceHealth(context.Background()).Execute()
	check(err)
	assert(health.Status == "ok", health.Status)
}

func remove(ctx context.Context, client *nautes.APIClient, name string) {
	removed, _, err := client.ClustersAPI.ClusterDeleteCluster(ctx, name).Execute()
	check(err)
	assert(removed.Message == "Successfully deleted "+name+" cluster", removed.Message)
	for range 120 {
		_, answer, err := client.ClustersAPI.ClusterDeleteCluster(ctx, name).Execute()
		if answer.StatusCode == http.StatusNotFound {
			assert(problemOf(err).Reason == nautes.CLUSTER_NOT_FOUND, "it is gone")
			return
		}
		check(err)
		time.Sleep(time.Second)
	}
	log.Fatal("the removal does not end")
}

func problemOf(err error) nautes.Problem {
	var failure *nautes.GenericOpenAPIError
	if !errors.As(err, &failure) {
		log.Fatalf("no answer of the API: %v", err)
	}
	problem, isProblem := failure.Model().(nautes.Problem)
	assert(isProblem, string(failure.Body()))
	return problem
}

func check(err error) {
	if err == nil {
		return
	}
	var failure *nautes.GenericOpenAPIError
	if errors.As(err, &failure) {
		log.Panicf("%v: %s", err, failure.Body())
	}
	log.Panic(err)
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func assert(holds bool, what string) {
	if !holds {
		log.Panicf("does not hold: %s", what)
	}
}
