//! Commands that hints name, tried on the very file that made us say them: with kubectl, ssh-keygen and openssl, where these
//! are installed.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

#[path = "support/case_files.rs"]
mod case_files;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use domain::kubeconfig::{self, KubeconfigError};
use serde_json::{Value, json};
use tempfile::TempDir;

/// In the lifetime of the certificates of the cases.
const NOW: u64 = 1_800_000_000;

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, content).unwrap();
        path
    }

    /// A command of a hint, with the file where kubectl looks for it, as a shell runs it.
    fn run(&self, command: &str) -> Option<String> {
        let program = command.split(' ').next().unwrap();
        if !is_installed(program) {
            println!("{program} is not installed: `{command}` was not tried");
            return None;
        }
        let output = Command::new("sh")
            .args(["-c", command])
            .current_dir(self.0.path())
            .env("KUBECONFIG", self.0.path().join("config"))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(output.status.success(), "{command}: {output:?}");
        Some(String::from_utf8(output.stdout).unwrap())
    }
}

fn is_installed(program: &str) -> bool {
    let found = Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .output();
    found.unwrap().status.success()
}

/// The commands of a hint, in the order in which it names them.
fn commands(error: &KubeconfigError) -> Vec<String> {
    let hint = error.hint();
    let quoted: Vec<&str> = hint.split('`').skip(1).step_by(2).collect();
    let is_command = |word: &&&str| word.contains(' ');
    quoted
        .iter()
        .filter(is_command)
        .map(|it| (*it).to_owned())
        .collect()
}

fn errors(text: &str) -> Vec<KubeconfigError> {
    kubeconfig::credentials(text, NOW).err().unwrap_or_default()
}

/// The one error of a text.
fn error(text: &str) -> KubeconfigError {
    let mut errors = errors(text);
    assert_eq!(errors.len(), 1, "{errors:?}");
    errors.remove(0)
}

fn assert_accepted(text: &str) {
    assert_eq!(errors(text), [], "{text}");
}

/// A kubeconfig of the cases.
fn case(name: &str) -> Value {
    let (_, body) = case_files::request(&case_files::read(name)).unwrap();
    let request: Value = domain::yaml::from_str(str::from_utf8(&body).unwrap()).unwrap();
    domain::yaml::from_str(request["kubeconfig"].as_str().unwrap()).unwrap()
}

/// A complete one with a client certificate, with names as kubectl needs them.
fn complete() -> Value {
    let given = case("a-kubeconfig-with-a-client-certificate");
    json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "a",
        "clusters": [{"name": "a", "cluster": {
            "server": "https://a.example.com:6443",
            "certificate-authority-data": given["clusters"][0]["cluster"]["certificate-authority-data"]}}],
        "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
        "users": [{"name": "a", "user": {
            "client-certificate-data": given["users"][0]["user"]["client-certificate-data"],
            "client-key-data": given["users"][0]["user"]["client-key-data"]}}],
    })
}

fn text(config: &Value) -> String {
    domain::yaml::to_string(config).unwrap()
}

fn decoded(data: &Value) -> Vec<u8> {
    BASE64_STANDARD.decode(data.as_str().unwrap()).unwrap()
}

/// A file as some tools write it, of which kubectl knows no context.
fn without_context(mut config: Value) -> Value {
    let fields = config.as_object_mut().unwrap();
    fields.remove("current-context");
    fields.remove("contexts");
    config
}

#[test]
fn files_are_embedded() {
    embeds_files(complete());
    embeds_files(without_context(complete()));
}

fn embeds_files(mut config: Value) {
    let folder = Folder::new();
    for (list, inner, field, name) in [
        ("clusters", "cluster", "certificate-authority", "ca.crt"),
        ("users", "user", "client-certificate", "client.crt"),
        ("users", "user", "client-key", "client.key"),
    ] {
        let fields = config[list][0][inner].as_object_mut().unwrap();
        let data = fields.remove(&format!("{field}-data")).unwrap();
        folder.write(name, decoded(&data));
        fields.insert(field.to_owned(), json!(name));
    }
    let sent = text(&config);
    folder.write("config", &sent);
    let errors = errors(&sent);
    assert_eq!(errors.len(), 3, "{errors:?}");
    for error in errors {
        assert!(matches!(error, KubeconfigError::Path(..)));
        if let Some(printed) = folder.run(&commands(&error)[0]) {
            assert_accepted(&printed);
        }
    }
}

#[test]
fn a_file_of_too_many_clusters_is_cut_to_the_current_one() {
    let mut config = complete();
    let users = config["users"].as_array_mut().unwrap();
    users.extend((0..3_000).map(|number| json!({"name": number.to_string(), "user": {}})));
    let folder = Folder::new();
    let sent = text(&config);
    folder.write("config", &sent);
    let error = error(&sent);
    assert!(
        error.to_string().contains("10000 keys and values"),
        "{error}"
    );
    if let Some(printed) = folder.run(&commands(&error)[0]) {
        assert_accepted(&printed);
    }
}

#[test]
fn secrets_are_printed_as_well() {
    let mut with_token = complete();
    with_token["users"][0]["user"] = json!({"token": "abc"});
    let mut with_password = complete();
    with_password["users"][0]["user"] = json!({"username": "a", "password": "p"});
    let with_context = [complete(), with_token, with_password];
    let without = with_context.clone().map(without_context);
    for config in with_context.into_iter().chain(without) {
        let folder = Folder::new();
        folder.write("config", text(&config));
        let Some(sent) = folder.run("kubectl config view") else {
            return;
        };
        for error in errors(&sent) {
            assert!(matches!(error, KubeconfigError::Redacted(..)), "{error}");
            assert_accepted(&folder.run(&commands(&error)[0]).unwrap());
        }
        assert!(!errors(&sent).is_empty(), "{sent}");
    }
}

/// `--flatten` leaves this file where it is.
#[test]
fn the_file_of_a_token_is_put_in_by_hand() {
    let mut config = complete();
    config["users"][0]["user"] = json!({"tokenFile": "/var/run/token"});
    let error = error(&text(&config));
    assert_eq!(commands(&error), [""; 0]);
    assert_eq!(error.hint(), "put what the file holds into `token`");
}

#[test]
fn a_context_that_no_file_has_is_left_out() {
    let mut config = without_context(complete());
    config["current-context"] = json!("gone");
    let error = error(&text(&config));
    assert_eq!(error, KubeconfigError::NoContext);
    assert!(error.hint().contains("remove `current-context`"));
    assert_accepted(&text(&without_context(config)));
}

#[test]
fn contexts_are_set_right() {
    for (field, pointer) in [
        ("current-context", "/current-context"),
        ("cluster", "/contexts/0/context/cluster"),
        ("user", "/contexts/0/context/user"),
    ] {
        let folder = Folder::new();
        let mut config = complete();
        *config.pointer_mut(pointer).unwrap() = json!("gone");
        let sent = text(&config);
        folder.write("config", &sent);
        let error = error(&sent);
        let commands = commands(&error);
        assert!(!commands.is_empty(), "{field}: {}", error.hint());
        for command in commands {
            let Some(_) = folder.run(&command.replace("NAME", "a")) else {
                return;
            };
        }
        let mended = fs::read_to_string(folder.0.path().join("config")).unwrap();
        assert_accepted(&mended);
    }
}

#[test]
fn keys_are_converted() {
    for (kind, bits, converts) in [
        ("rsa", "2048", true),
        ("ecdsa", "256", true),
        ("ed25519", "256", false),
    ] {
        let folder = Folder::new();
        let make = format!("ssh-keygen -q -t {kind} -b {bits} -N '' -f FILE");
        if folder.run(&make).is_none() {
            return;
        }
        let key = || fs::read(folder.0.path().join("FILE")).unwrap();
        let with = |key: &[u8]| {
            let mut config = complete();
            config["users"][0]["user"]["client-key-data"] = json!(BASE64_STANDARD.encode(key));
            text(&config)
        };
        let error = error(&with(&key()));
        assert_eq!(error, KubeconfigError::OpenSshKey);
        let command = format!("{} -N '' -q", commands(&error)[0]);
        folder.run(&command);
        let still = errors(&with(&key())).contains(&KubeconfigError::OpenSshKey);
        assert_eq!(!still, converts, "{kind}");
        // It is no longer unreadable, and of course another certificate's.
        if converts {
            assert_eq!(errors(&with(&key())), [KubeconfigError::ForeignKey]);
        }
        assert!(error.hint().contains("Ed25519"), "{}", error.hint());
    }
}

#[test]
fn passphrases_are_removed() {
    let folder = Folder::new();
    let config = complete();
    folder.write(
        "plain",
        decoded(&config["users"][0]["user"]["client-key-data"]),
    );
    let lock = "openssl pkey -in plain -aes256 -passout pass:p -out FILE";
    if folder.run(lock).is_none() {
        return;
    }
    let locked = fs::read(folder.0.path().join("FILE")).unwrap();
    let with = |key: &[u8]| {
        let mut config = config.clone();
        config["users"][0]["user"]["client-key-data"] = json!(BASE64_STANDARD.encode(key));
        text(&config)
    };
    let error = error(&with(&locked));
    assert_eq!(error, KubeconfigError::EncryptedKey);
    let key = folder
        .run(&format!("{} -passin pass:p", commands(&error)[0]))
        .unwrap();
    assert_accepted(&with(key.as_bytes()));
}

/// The kubeconfig with other data in a field.
fn with_data(field: &str, data: &[u8]) -> Value {
    let mut config = complete();
    let list = if field.starts_with("client") {
        ("users", "user")
    } else {
        ("clusters", "cluster")
    };
    config[list.0][0][list.1][field] = json!(BASE64_STANDARD.encode(data));
    config
}

/// Returns the PEM in a field of [`complete`].
fn pem(field: &str) -> Vec<u8> {
    let config = complete();
    let list = if field.starts_with("client") {
        ("users", "user")
    } else {
        ("clusters", "cluster")
    };
    decoded(&config[list.0][0][list.1][field])
}

const AUTHORITY: &str = "certificate-authority-data";

/// Each of these errors names the same command, with the PEM file in its place.
#[test]
fn files_are_encoded() {
    let file = pem(AUTHORITY);
    let text = String::from_utf8(file.clone()).unwrap();
    let mut as_it_is = complete();
    as_it_is["clusters"][0]["cluster"][AUTHORITY] = json!(text);
    let mut no_base64 = complete();
    no_base64["clusters"][0]["cluster"][AUTHORITY] = json!("?");
    for sent in [
        as_it_is,
        no_base64,
        with_data(AUTHORITY, text.replace('\n', "").as_bytes()),
        with_data(AUTHORITY, text.replace('\n', "\\n").as_bytes()),
        with_data(AUTHORITY, &file[..file.len() / 2]),
        with_data(AUTHORITY, b"no PEM"),
    ] {
        let error = error(&domain::yaml::to_string(&sent).unwrap());
        let folder = Folder::new();
        folder.write("FILE", &file);
        let printed = folder.run(&commands(&error)[0]).unwrap();
        let mut mended = complete();
        mended["clusters"][0]["cluster"][AUTHORITY] = json!(printed);
        assert_accepted(&domain::yaml::to_string(&mended).unwrap());
    }
}

/// The binary form, and forms of OpenSSL's own, become what every program reads.
#[test]
fn certificates_and_keys_are_converted() {
    const CERTIFICATE: &str = "client-certificate-data";
    const KEY: &str = "client-key-data";
    for (field, convert) in [
        (AUTHORITY, "openssl x509 -in plain -outform der -out FILE"),
        (CERTIFICATE, "openssl x509 -in plain -outform der -out FILE"),
        (KEY, "openssl pkey -in plain -outform der -out FILE"),
        (
            AUTHORITY,
            "openssl x509 -in plain -trustout -addtrust serverAuth -out FILE",
        ),
        (
            AUTHORITY,
            "openssl crl2pkcs7 -nocrl -certfile plain -out FILE",
        ),
    ] {
        let folder = Folder::new();
        folder.write("plain", pem(field));
        if folder.run(convert).is_none() {
            return;
        }
        let sent = fs::read(folder.0.path().join("FILE")).unwrap();
        let error = error(&text(&with_data(field, &sent)));
        let printed = folder.run(&commands(&error)[0]).unwrap();
        assert_accepted(&text(&with_data(field, printed.as_bytes())));
    }
}

/// Lossy commands lose the lines of a file; those of the hint keep them.
#[test]
fn lines_are_kept_on_the_way() {
    let folder = Folder::new();
    let file = "# of demo\napiVersion: v1\nkind: Config\nclusters:\n- name: a\n  cluster: {}\nusers:\n- name: a\n  user:\n    token: abc";
    folder.write("FILE", file);
    for (lossy, command) in [
        (
            "printf %s \"$(echo $(cat FILE))\"",
            "printf %s \"$(cat FILE)\"",
        ),
        ("curl -s --data @FILE", "curl -s --data-binary @FILE"),
    ] {
        let (Some(lost), Some(kept)) = (posted(&folder, lossy), posted(&folder, command)) else {
            continue;
        };
        let hint = error(&lost).hint();
        assert!(
            hint.contains("\"$(cat FILE)\"") && hint.contains("`curl --data-binary @FILE`"),
            "{hint}"
        );
        assert_eq!(kept, file);
        assert_accepted(&kept);
    }
}

/// Returns the output of a command, or the body it posts where it is curl.
fn posted(folder: &Folder, command: &str) -> Option<String> {
    if !command.starts_with("curl ") {
        return folder.run(command);
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let served = std::thread::spawn(move || {
        let mut reader = BufReader::new(listener.accept().unwrap().0);
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if line.trim().is_empty() {
                break;
            }
            if let Some((_, value)) = line.split_once("Content-Length: ") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        reader
            .get_mut()
            .write_all(b"HTTP/1.1 204 No Content\r\n\r\n")
            .unwrap();
        String::from_utf8(body).unwrap()
    });
    folder.run(&format!("{command} --noproxy '*' http://{address}"))?;
    Some(served.join().unwrap())
}

/// A command that only works on another file than the one that was sent is no way out.
#[test]
fn every_command_of_a_hint_is_tried_here() {
    let text = sources(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")));
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    let source: String = text.lines().filter(is_code).collect();
    let known = [
        "kubectl config view --minify --flatten --raw",
        "kubectl config view --flatten --raw",
        "kubectl config get-contexts -o name",
        "kubectl config use-context NAME",
        "kubectl config set-context --current --cluster=NAME",
        "kubectl config set-context --current --user=NAME",
        "base64 < FILE | tr -d '\\\\n'",
        // These ask a cluster: tests/tests/hints.rs.
        "kubectl get secret NAME -n NAMESPACE -o jsonpath='{.data.value}' | base64 -d",
        "kubectl get secret NAME -n NAMESPACE -o jsonpath='{.data.kubeconfig}' | base64 -d",
        "kubectl get secret NAME -n NAMESPACE -o jsonpath='{.data.config}' | base64 -d",
        "kubectl get secret NAME -n NAMESPACE -o jsonpath='{.data.admin\\\\.conf}' | base64 -d",
        "kubectl get secret NAME -n NAMESPACE -o jsonpath='{.data.super-admin\\\\.conf}' | base64 -d",
        "kubectl get secret NAME -n NAMESPACE -o jsonpath='{.data.kubeconfig\\\\.yaml}' | base64 -d",
        "kubectl get secret NAME -n NAMESPACE -o jsonpath='{.data.kubeconfig\\\\.conf}' | base64 -d",
        "kubectl get secret NAME -n NAMESPACE -o jsonpath='{.data.token}' | base64 -d",
        "base64 -d",
        "curl --data-binary @FILE",
        // The command line's own tests: cli/tests/commands/adding.rs and applying.rs.
        "nautes-clusters add CONTEXT",
        "nautes-clusters apply -f FILE",
        "kubectl create token NAME --duration 720h",
        "ssh-keygen -p -m PEM -f FILE",
        "openssl pkey -in FILE",
        "openssl pkey -inform der -in FILE",
        "openssl x509 -inform der -in FILE",
        "openssl x509 -in FILE",
        "openssl pkcs7 -print_certs -in FILE",
    ];
    let programs = [
        "kubectl ",
        "ssh-keygen ",
        "openssl ",
        "base64 ",
        "nautes-clusters ",
        "curl ",
    ];
    let mut named = std::collections::BTreeSet::new();
    for program in programs {
        for (at, _) in source.match_indices(&format!("`{program}")) {
            let command = source[at + 1..].split('`').next().unwrap();
            assert!(known.contains(&command), "{command}");
            named.insert(command);
        }
    }
    let gone: Vec<_> = known.iter().filter(|it| !named.contains(**it)).collect();
    assert!(gone.is_empty(), "no hint names {gone:?}");
}

/// Everything that the crate is made of, its unit tests aside.
fn sources(folder: &Path) -> String {
    let entries = fs::read_dir(folder).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.retain(|path| !path.ends_with("tests.rs"));
    let read = |path: &PathBuf| match path.is_dir() {
        true => sources(path),
        false => fs::read_to_string(path).unwrap(),
    };
    paths.iter().map(read).collect()
}
