//! Advice about a kubeconfig. Commands are stood for by what they print: `tests/hints.rs` runs them.

use serde_json::json;

use super::Mend;
use super::mending::{
    COMPLETE, LISTS, change, decode, fill_in, fill_in_pair, get, named, rename, rewrite,
    send_complete, send_held, set, set_field, token_alone, unescape, with_token, without_ends,
};

pub const MENDS: &[(&str, Mend)] = &[
    // Another file.
    (
        "`kubectl config view --minify --flatten --raw` prints a complete kubeconfig",
        send_complete,
    ),
    (
        "`kubectl config view --minify --flatten --raw` prints a kubeconfig",
        send_complete,
    ),
    (
        "`kubectl config view --minify --flatten --raw` prints the secrets",
        fill_in,
    ),
    (
        "`kubectl config view --flatten --raw` prints the secrets",
        fill_in,
    ),
    ("embed the files: ", |sent, advice| {
        change(sent, advice, |config| {
            for (list, inner) in LISTS {
                for entry in config[list].as_array_mut().into_iter().flatten() {
                    let fields = entry[inner].as_object_mut().unwrap();
                    let paths = ["certificate-authority", "client-certificate", "client-key"];
                    for path in paths
                        .iter()
                        .filter(|path| fields.contains_key(**path))
                        .collect::<Vec<_>>()
                    {
                        fields.remove(*path);
                        let data = format!("{path}-data");
                        fields.insert(data.clone(), COMPLETE[list][0][inner][&data].clone());
                    }
                }
            }
        });
    }),
    ("send the kubeconfig that it belongs to", send_complete),
    ("send the kubeconfig that it was made from", send_complete),
    (
        "a kubeconfig has `clusters`, `contexts` and `users`",
        send_complete,
    ),
    ("send that file: ", send_complete),
    ("send the file's text, or its Base64 form", send_complete),
    (
        "send the file's text with real line breaks, or its Base64 form",
        send_complete,
    ),
    ("send the file itself, not what a browser", send_complete),
    ("send the file that it stands for", send_complete),
    (
        "send the file as it was before a template or a web page escaped it",
        unescape,
    ),
    (
        "mend what it says, and send what the program prints then",
        send_complete,
    ),
    ("have Talos write the kubeconfig", send_complete),
    ("decrypt the file first", send_complete),
    ("keep the line breaks, which are lost", send_complete),
    ("unpack the file", send_complete),
    (
        "write common spaces in place of non-breaking",
        |sent, advice| {
            rewrite(sent, advice, |text| {
                text.replace(['\u{a0}', '\u{3000}', '\u{200b}'], " ")
            });
        },
    ),
    ("write \" in their place", |sent, advice| {
        rewrite(sent, advice, |text| text.replace(['“', '”', '„'], "\""));
    }),
    ("convert the file to UTF-8", send_complete),
    ("take one of them away", send_complete),
    ("send what the Secret holds, decoded", send_complete),
    ("send what it holds, decoded", |sent, advice| {
        let mut held = String::new();
        change(sent, advice, |secret| {
            let secret = secret["items"]
                .as_array()
                .map_or(&*secret, |items| &items[0]);
            let values = secret["data"].as_object().unwrap().values();
            let mut decoded =
                values.filter_map(|value| String::from_utf8(decode(value.as_str()?)?).ok());
            held = decoded.find(|text| text.contains("clusters")).unwrap();
        });
        set(sent, advice, &held);
    }),
    (
        "send the text that stands in its `stringData`",
        |sent, advice| {
            let mut held = String::new();
            change(sent, advice, |secret| {
                let mut values = secret["stringData"].as_object().unwrap().values();
                held = values.next().unwrap().as_str().unwrap().to_owned();
            });
            set(sent, advice, &held);
        },
    ),
    ("send the text that is in it", send_held),
    ("send the text of its `kubeconfig` alone", send_held),
    ("put all of the kubeconfig into `kubeconfig`", |sent, _| {
        sent.change_text(|text| {
            let (before, lines) = text.split_once("kubeconfig: |\n").unwrap();
            let blanks = if before.ends_with(' ') { "    " } else { "  " };
            let mut is_beside = false;
            let lines = lines.lines().map(|line| {
                is_beside |= !line.starts_with(' ');
                format!("{}{line}\n", if is_beside { blanks } else { "" })
            });
            format!("{before}kubeconfig: |\n{}", lines.collect::<String>())
        });
    }),
    (
        "send a kubeconfig with it, in `token` of its user",
        |sent, advice| {
            let token = get(sent, advice).trim().to_owned();
            set(sent, advice, &with_token(&token));
        },
    ),
    (
        "send a kubeconfig whose user has the token",
        |sent, advice| set(sent, advice, &with_token("abc")),
    ),
    // How it is written.
    ("send what stands behind the comma", |sent, advice| {
        rewrite(sent, advice, |text| {
            text.split_once(',').unwrap().1.to_owned()
        });
    }),
    ("leave out these two lines", without_ends),
    ("leave out the two lines with these marks", without_ends),
    (
        "send what stands between its first and its last line",
        without_ends,
    ),
    ("leave out the % at the end", |sent, advice| {
        let text = get(sent, advice);
        match text.trim_end().strip_suffix('%') {
            Some(rest) => set(sent, advice, rest),
            None => change(sent, advice, |config| {
                let name = config["current-context"]
                    .as_str()
                    .unwrap_or_default()
                    .trim_end_matches('%')
                    .to_owned();
                config["current-context"] = json!(name);
            }),
        }
    }),
    ("decode it once, or send the file's text", |sent, advice| {
        rewrite(sent, advice, |text| text);
    }),
    ("send one document", |sent, advice| {
        rewrite(sent, advice, |text| {
            let mut documents = text.split("---\n").filter(|text| text.contains("clusters"));
            documents.next().unwrap().to_owned()
        });
    }),
    ("remove one of the two", |sent, advice| {
        let place: Vec<usize> = advice
            .message
            .split(|char: char| !char.is_ascii_digit())
            .filter_map(|it| it.parse().ok())
            .collect();
        rewrite(sent, advice, |text| {
            let lines = text.split('\n').enumerate();
            let kept = lines
                .filter(|(number, _)| number + 1 != place[0])
                .map(|(_, line)| line);
            kept.collect::<Vec<_>>().join("\n")
        });
    }),
    ("check the line: ", send_complete),
    ("indent with spaces", |sent, advice| {
        rewrite(sent, advice, |text| text.replace('\t', "  "))
    }),
    (
        "a comma, or a closing bracket or brace, is missing",
        |sent, advice| {
            rewrite(sent, advice, |text| text.replace("user: u\n", "user: u}\n"));
        },
    ),
    ("a closing bracket or brace is missing", |sent, advice| {
        rewrite(sent, advice, |text| text + "]")
    }),
    (
        "the line before is no field: leave it out",
        |sent, advice| {
            rewrite(sent, advice, |text| {
                text.split_once('\n').unwrap().1.to_owned()
            });
        },
    ),
    ("make line breaks real ones", |sent, advice| {
        rewrite(sent, advice, |text| {
            text.trim_matches('"').replace("\\n", "\n")
        });
    }),
    (
        "put the value itself in the place of {{…}}",
        |sent, advice| {
            rewrite(sent, advice, |text| {
                let (before, rest) = text.split_once("{{").unwrap();
                format!("{before}abc{}", rest.split_once("}}").unwrap().1)
            });
        },
    ),
    ("resolve the merge conflict first", |sent, advice| {
        rewrite(sent, advice, |text| {
            let (before, rest) = text.split_once("<<<<<<< ").unwrap();
            let ours = rest
                .split_once('\n')
                .unwrap()
                .1
                .split_once("=======\n")
                .unwrap();
            let behind = ours
                .1
                .split_once(">>>>>>> ")
                .unwrap()
                .1
                .split_once('\n')
                .unwrap()
                .1;
            format!("{before}{}{behind}", ours.0)
        });
    }),
    // Contexts and entries.
    ("`kubectl config get-contexts -o name`", |sent, advice| {
        change(sent, advice, |config| {
            config["current-context"] = config["contexts"][0]["name"].clone()
        });
    }),
    (
        "`kubectl config set-context --current --cluster=NAME`",
        |sent, advice| {
            change(sent, advice, |config| {
                config["contexts"][0]["context"]["cluster"] = config["clusters"][0]["name"].clone()
            });
        },
    ),
    (
        "`kubectl config set-context --current --user=NAME`",
        |sent, advice| {
            change(sent, advice, |config| {
                config["contexts"][0]["context"]["user"] = config["users"][0]["name"].clone()
            });
        },
    ),
    (
        "add the context that it names, or remove `current-context`",
        |sent, advice| {
            change(sent, advice, |config| {
                config.as_object_mut().unwrap().remove("current-context");
            });
        },
    ),
    ("remove or rename one of the two", |sent, advice| {
        let list = named(advice);
        change(sent, advice, |config| {
            config[&list][1]["name"] = json!("renamed")
        });
    }),
    (
        "write each entry as an object with a `name`",
        |sent, advice| {
            let list = named(advice);
            change(sent, advice, |config| {
                config[&list] = COMPLETE[&list].clone()
            });
        },
    ),
    // Values.
    ("write it as a string, in quotes", |sent, advice| {
        set_field(sent, advice, json!("abc"))
    }),
    ("write true or false, without quotes", |sent, advice| {
        set_field(sent, advice, json!(true))
    }),
    ("write it as kubectl does", |sent, advice| {
        let field = named(advice);
        set_field(sent, advice, COMPLETE[&field].clone());
    }),
    ("put in the value itself", fill_in),
    ("put what the file holds into `token`", |sent, advice| {
        change(sent, advice, |config| {
            for entry in config["users"].as_array_mut().unwrap() {
                entry["user"] = json!({"token": "abc"});
            }
        });
    }),
    (
        "`base64 < FILE | tr -d '\\n'` prints what goes there",
        fill_in,
    ),
    ("`openssl pkey -inform der", fill_in),
    ("`openssl x509 ", fill_in),
    ("`openssl pkcs7 ", fill_in),
    ("export the certificate once more", fill_in),
    (
        "send all of the file, the block of the key as well",
        fill_in,
    ),
    ("send certificates", fill_in),
    ("the two may have been swapped", fill_in),
    (
        "send the certificate or the private key that it belongs to",
        fill_in,
    ),
    ("send the certificate that was issued for it", fill_in),
    ("send the authority that signed", fill_in),
    ("send the client's certificate with its chain", fill_in),
    ("send the key alone", fill_in),
    ("send the key without passphrase", fill_in_pair),
    ("`ssh-keygen -p -m PEM -f FILE`", fill_in_pair),
    (
        "send the key that the certificate was made with",
        fill_in_pair,
    ),
    (
        "send the certificate and the key that were made together",
        fill_in_pair,
    ),
    ("put the client's own certificate first", fill_in_pair),
    (
        "send `client-certificate-data` and `client-key-data`",
        fill_in_pair,
    ),
    (
        "give the user `client-certificate-data` and `client-key-data`",
        fill_in_pair,
    ),
    ("send a URL such as ", |sent, advice| {
        change(sent, advice, |config| {
            for entry in config["clusters"].as_array_mut().unwrap() {
                entry["cluster"]["proxy-url"] = json!("http://proxy.example.com:3128");
            }
        });
    }),
    (
        "write % as %25, a backslash as %5C, ^ as %5E",
        |sent, advice| {
            rewrite(sent, advice, |text| text.replace("^1@", "%5E1@"));
        },
    ),
    (
        "send an address under which Argo CD reaches",
        |sent, advice| {
            change(sent, advice, |config| {
                for entry in config["clusters"].as_array_mut().unwrap() {
                    entry["cluster"]["proxy-url"] = json!("http://proxy.example.com:3128");
                }
            });
        },
    ),
    ("write its name as `", |sent, advice| {
        let name = named(advice);
        change(sent, advice, |config| rename(config, &name));
    }),
    ("have each -----BEGIN begin a line", fill_in),
    ("decode it once", fill_in),
    ("leave the quotes out", |sent, advice| {
        rewrite(sent, advice, |text| text.replace(['“', '”'], ""));
    }),
    ("use the token of a service account", token_alone),
    ("send the token alone", token_alone),
    ("send both, or a token instead", token_alone),
    ("send a user name without colon, or a token", token_alone),
    (
        "leave out `username` and `password`, or `token`",
        token_alone,
    ),
];
