#!/bin/sh
# Waits until a virtual cluster on a host has its kubeconfig, then gives it to Argo CD as a cluster
# Secret. Repeating it is harmless. POSIX sh with kubectl, sed, tr and base64; nothing it prints is secret.
#
# VIRTUAL_CLUSTER   name of the virtual cluster, which is its namespace on the host
# NAMESPACE         namespace of Argo CD
# SECRET            the cluster Secret as JSON, with @CONFIG@ where the credentials go
# STALE_SECRETS     Secrets to remove once the new one is there, separated by spaces
# DEADLINE_SECONDS  how long to wait
# HOST_DIR          the host's cluster Secret: files server and config (Argo CD's JSON); /host
# WORK_DIR          a folder for the host's kubeconfig; /work
# INTERVAL_SECONDS  time between two looks; 10
set -eu
umask 077
host_dir=${HOST_DIR:-/host}
work_dir=${WORK_DIR:-/work}

say() {
    printf '%s\n' "$*" >&2
}

# The JSON string of a member of the host's config, escapes kept, without its quotes.
member() {
    tr -d '\n\r' <"$host_dir/config" |
        sed -nE 's/.*"'"$1"'"[[:space:]]*:[[:space:]]*"(([^"\\]|\\.)*)".*/\1/p'
}

# `,"field":"value"` of a kubeconfig, or nothing where the config has no such member.
field() {
    value=$(member "$2")
    if [ -n "$value" ]; then
        printf ',"%s":"%s"' "$1" "$value"
    fi
}

write_host_kubeconfig() {
    server=$(cat "$host_dir/server")
    if tr -d '\n\r' <"$host_dir/config" | grep -Eq '"insecure"[[:space:]]*:[[:space:]]*true'; then
        trust=',"insecure-skip-tls-verify":true'
    else
        trust=$(field certificate-authority-data caData)
    fi
    trust=$trust$(field tls-server-name serverName)$(field proxy-url proxyUrl)
    user=$(field client-certificate-data certData)$(field client-key-data keyData)
    user=$user$(field token bearerToken)$(field username username)$(field password password)
    printf '{"apiVersion":"v1","kind":"Config","current-context":"host",%s,%s,%s}\n' \
        '"clusters":[{"name":"host","cluster":{"server":"'"$server"'"'"$trust"'}}]' \
        '"users":[{"name":"host","user":{'"${user#,}"'}}]' \
        '"contexts":[{"name":"host","context":{"cluster":"host","user":"host"}}]' \
        >"$work_dir/host.json"
}

on_host() {
    kubectl --kubeconfig="$work_dir/host.json" --namespace="$VIRTUAL_CLUSTER" \
        --request-timeout=10s "$@"
}

# Sets ca, cert, key and token (all Base64) from the Secret that vcluster writes: vc-<workload>.
read_credentials() {
    workload=$(on_host get statefulsets,deployments --selector=app=vcluster \
        --output='jsonpath={.items[*].metadata.name}') || return 1
    case $workload in
    '')
        say "no vcluster in namespace $VIRTUAL_CLUSTER of the host yet"
        return 1
        ;;
    *' '*)
        say "more than one vcluster in namespace $VIRTUAL_CLUSTER: $workload"
        return 1
        ;;
    esac
    data=$(on_host get secret "vc-$workload" --output='jsonpath={.data.certificate-authority}{"\n"}{.data.client-certificate}{"\n"}{.data.client-key}{"\n"}{.data.token}{"\n"}') || return 1
    ca=$(printf '%s\n' "$data" | sed -n 1p)
    cert=$(printf '%s\n' "$data" | sed -n 2p)
    key=$(printf '%s\n' "$data" | sed -n 3p)
    token=$(printf '%s\n' "$data" | sed -n 4p)
    if [ -z "$ca" ] || { [ -z "$token" ] && { [ -z "$cert" ] || [ -z "$key" ]; }; }; then
        say "Secret vc-$workload has no complete credentials yet"
        return 1
    fi
}

# Argo CD's config. A service account's kubeconfig has a token instead of a client certificate.
config() {
    if [ -n "$cert" ] && [ -n "$key" ]; then
        printf '{"tlsClientConfig":{"insecure":false,"caData":"%s","certData":"%s","keyData":"%s"}}' \
            "$ca" "$cert" "$key"
    else
        printf '{"bearerToken":"%s","tlsClientConfig":{"insecure":false,"caData":"%s"}}' \
            "$(printf '%s' "$token" | base64 -d)" "$ca"
    fi
}

write_host_kubeconfig
deadline=$(($(date +%s) + DEADLINE_SECONDS))
until read_credentials; do
    if [ "$(date +%s)" -ge "$deadline" ]; then
        say "gave up after $DEADLINE_SECONDS seconds; saving the cluster again starts over"
        exit 1
    fi
    sleep "${INTERVAL_SECONDS:-10}"
done

encoded=$(config | base64 | tr -d '\n')
# Validation would read the API server's whole schema, which the service account need not see.
printf '%s' "${SECRET%@CONFIG@*}$encoded${SECRET#*@CONFIG@}" |
    kubectl apply --server-side --field-manager=nautes-clusters --force-conflicts \
        --validate=false --filename=-
for name in ${STALE_SECRETS:-}; do
    # Waiting would need the right to watch.
    kubectl delete secret "$name" --namespace="$NAMESPACE" --ignore-not-found --wait=false
done
