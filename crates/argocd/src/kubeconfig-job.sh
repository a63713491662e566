#!/bin/sh
# Waits until a virtual cluster on a host has its kubeconfig, then gives it to Argo CD as a cluster
# Secret. Repeating it is harmless. POSIX sh with kubectl, grep, tr, wc and base64; nothing it prints is secret.
#
# What a host answers is its administrator's to choose: each value is held to its alphabet, and kubectl writes
# every document. Nothing is put together by printing.
#
# VIRTUAL_CLUSTER   name of the virtual cluster, which is its namespace on the host
# CLUSTER_LABEL     label of a cluster Secret with the name of its cluster
# NAMESPACE         namespace of Argo CD
# SECRET            the cluster Secret as JSON, but for the credentials; with its uid, or the version of one that must be new
# FORCE             true where the Secret is known by its uid: fields that others have written are taken back
# STALE_SECRETS     Secrets to remove once the new one is there, a line each: name, space, DeleteOptions as JSON
# DEADLINE_SECONDS  how long to wait
# HOST_DIR          the host's cluster Secret: a file kubeconfig; /host
# WORK_DIR          a folder in memory; /work
# INTERVAL_SECONDS  time between two looks; 10
set -eu
umask 077
export LC_ALL=C
host_dir=${HOST_DIR:-/host}
newline='
'
cd "${WORK_DIR:-/work}"

say() {
    printf '%s\n' "$*" >&2
}

fail() {
    say "$*"
    exit 1
}

# Runs kubectl on the host. What the host says in an error may be anything: printable characters, not many.
on_host() {
    kubectl --kubeconfig="$host_dir/kubeconfig" --namespace="$VIRTUAL_CLUSTER" \
        --request-timeout=10s "$@" 2>errors && return 0
    say "the host does not answer as it should: $(head -c 500 errors | tr -cd ' -~')"
    return 1
}

# Writes the Secret's member $1, Base64 in $2, to the file $3. An empty one makes an empty file.
decode() {
    case $2 in
    *[!A-Za-z0-9+/=]*) fail "$1 of the virtual cluster is not Base64" ;;
    esac
    printf '%s' "$2" | base64 -d >"$3" 2>errors || fail "$1 of the virtual cluster is not Base64"
}

# Fails unless the file $2 is empty or nothing but PEM blocks whose label matches $3.
require_pem() {
    [ -s "$2" ] || return 0
    if [ "$(tr -d 'A-Za-z0-9+/= \r\n-' <"$2" | wc -c)" -ne 0 ] ||
        tr -d '\r' <"$2" | grep -Eqv "^(-----(BEGIN|END) $3-----|[A-Za-z0-9+/=]*)\$" ||
        ! grep -q '^-----BEGIN ' "$2"; then
        fail "$1 of the virtual cluster is not PEM"
    fi
}

require_token() {
    [ "$(tr -d 'A-Za-z0-9._~+/=:-' <token | wc -c)" -eq 0 ] ||
        fail "token of the virtual cluster has characters that no token has"
}

# Sets workload: the name of the one vcluster in the namespace.
find_workload() {
    workload=$(on_host get statefulsets,deployments --selector=app=vcluster \
        --output='go-template={{range .items}}{{.metadata.name}}{{"\n"}}{{end}}') || return 1
    case $workload in
    '')
        say "no vcluster in namespace $VIRTUAL_CLUSTER of the host yet"
        return 1
        ;;
    *[!a-z0-9.$newline-]*) fail "a vcluster on the host has a name that is none" ;;
    *"$newline"*)
        say "more than one vcluster in namespace $VIRTUAL_CLUSTER:" $workload
        return 1
        ;;
    esac
}

# Writes ca, cert, key and token from the Secret that vcluster writes: vc-<workload>.
read_credentials() {
    if [ ! -s "$host_dir/kubeconfig" ]; then
        say "the host's cluster Secret has no kubeconfig: save the host again"
        return 1
    fi
    find_workload || return 1
    member() {
        printf '%s' "{{with index . \"$1\"}}{{.}}{{end}}{{\"\\n\"}}"
    }
    members=$(member certificate-authority)$(member client-certificate)$(member client-key)$(member token)
    on_host get secret "vc-$workload" --output="go-template={{with .data}}$members{{end}}" >data || return 1
    [ "$(wc -l <data)" -le 4 ] || fail "a credential of the virtual cluster has more than one line"
    ca='' cert='' key='' token=''
    { read -r ca && read -r cert && read -r key && read -r token; } <data || :
    if [ -z "$ca" ] || { [ -z "$token" ] && { [ -z "$cert" ] || [ -z "$key" ]; }; }; then
        say "Secret vc-$workload has no complete credentials yet"
        return 1
    fi
    decode certificate-authority "$ca" ca
    decode client-certificate "$cert" cert
    decode client-key "$key" key
    decode token "$token" token
    require_pem certificate-authority ca CERTIFICATE
    require_pem client-certificate cert CERTIFICATE
    require_pem client-key key '([A-Z]+ )?PRIVATE KEY'
    require_token
}

# Prints a new object with the files given as its data.
with_data() {
    kubectl create "$@" --dry-run=client --output=json
}

# Prints the object in the file $1, merged with the one in the file $2.
merged() {
    kubectl patch --local --filename="$1" --type=merge --patch-file="$2" --output=json
}

# Writes Argo CD's config. A service account's kubeconfig has a token instead of a client certificate.
write_config() {
    if [ -s cert ] && [ -s key ]; then
        with_data secret generic config \
            --from-file=caData=ca --from-file=certData=cert --from-file=keyData=key >object.json
        moves=''
    else
        with_data secret generic config --from-file=caData=ca >tls.json
        # Of a ConfigMap, data are texts.
        with_data configmap config --from-file=bearerToken=token >token.json
        merged tls.json token.json >object.json
        moves='{"op":"move","from":"/data/bearerToken","path":"/config/bearerToken"},'
    fi
    moves='{"op":"add","path":"/config","value":{}},'$moves
    moves=$moves'{"op":"move","from":"/data","path":"/config/tlsClientConfig"}'
    kubectl patch --local --filename=object.json --type=json --patch="[$moves]" \
        --output='jsonpath={.config}' >config
}

# Writes the Secret in secret.json. Validation would read the API server's whole schema, which the service account need
# not see.
apply() {
    kubectl apply --server-side --field-manager=nautes-clusters --force-conflicts="$1" \
        --validate=false --filename=secret.json
}

# Of a Secret: its uid, its cluster, its kind for Argo CD, who has written it.
known_template='{{.metadata.uid}} {{with .metadata.labels}}{{or (index . "'$CLUSTER_LABEL'") "-"}}'
known_template=$known_template' {{or (index . "argocd.argoproj.io/secret-type") "-"}}{{else}}- -{{end}}'
known_template=$known_template'{{range .metadata.managedFields}} {{.manager}}{{end}}{{"\n"}}'

deadline=$(($(date +%s) + DEADLINE_SECONDS))
until read_credentials; do
    if [ "$(date +%s)" -ge "$deadline" ]; then
        fail "gave up after $DEADLINE_SECONDS seconds; saving the cluster again starts over"
    fi
    sleep "${INTERVAL_SECONDS:-10}"
done

write_config
with_data secret generic config --from-file=config >credentials.json
printf '%s' "$SECRET" >description.json
merged credentials.json description.json >secret.json
if ! apply "$FORCE" 2>errors; then
    # An earlier run of this Job, or of its predecessor, may have made it: then it is known. Any other stays as it is.
    [ "$FORCE" = false ] && kubectl get --filename=secret.json --output="go-template=$known_template" >known ||
        fail "the Secret can't be written: $(head -c 500 errors)"
    read -r uid cluster kind managers <known
    case " $managers " in
    *' nautes-clusters '*) ;;
    *) cluster='' ;;
    esac
    [ "$cluster" = "$VIRTUAL_CLUSTER" ] && [ "$kind" = cluster ] ||
        fail "a Secret of that name is somebody else's: $(head -c 500 errors)"
    case $uid in
    *[!0-9a-f-]*) fail "the Secret has a uid that is none" ;;
    esac
    kubectl patch --local --filename=secret.json --type=merge --output=json \
        --patch="metadata: {resourceVersion: null, uid: '$uid'}" >secret-known.json
    mv secret-known.json secret.json
    apply true
fi
while read -r name options; do
    [ -n "$name" ] || continue
    error=$(printf '%s' "$options" |
        kubectl delete --raw="/api/v1/namespaces/$NAMESPACE/secrets/$name" --filename=- 2>&1 >answer) ||
        case $error in
        # Another Secret that has taken the name is not the one that was meant.
        *'(NotFound)'* | *'(Conflict)'*) say "Secret $name is gone already" ;;
        *) fail "$error" ;;
        esac
done <<EOF
${STALE_SECRETS:-}
EOF
