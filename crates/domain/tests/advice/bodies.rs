//! Advice about the text of a body.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::{Mend, Sent};

/// A whole request that is accepted.
pub const GOOD: &str = r#"{"api_server": "https://worker-9.example.com:6443", "cluster_type": "physical", "usage": "worker",
    "worker_type": "deployment", "kubeconfig": "clusters: [{name: a, cluster: {}}]\nusers: [{name: a, user: {token: abc}}]\n"}"#;

pub const MENDS: &[(&str, Mend)] = &[
    (
        "send the header `Content-Type: application/json`",
        |sent, _| sent.set_content_type("application/json"),
    ),
    (
        "JSON has no comments: remove everything from # ",
        |sent, advice| {
            sent.change_line(advice, |line, _| before(line, "#"));
        },
    ),
    (
        "JSON has no comments: remove everything from // ",
        |sent, advice| {
            sent.change_line(advice, |line, _| before(line, "//"));
        },
    ),
    ("JSON has no block scalars", |sent, _| {
        sent.change_text(|text| {
            let (head, block) = text.split_once("|\n").unwrap();
            let (block, tail) = block.split_once("\n}").unwrap();
            format!(
                "{head}{}\n}}{tail}",
                serde_json::json!(block.replace("    ", ""))
            )
        });
    }),
    ("JSON has double quotes only", |sent, _| {
        sent.change_text(|text| text.replace('\'', "\""))
    }),
    ("JSON has the punctuation of ASCII only", |sent, _| {
        sent.change_text(|text| {
            text.replace('，', ",")
                .replace('：', ":")
                .replace(['“', '”'], "\"")
        });
    }),
    (
        "a key needs a colon and a blank behind it",
        |sent, advice| {
            sent.change_line(advice, |line, _| line.replacen(':', ": ", 1));
        },
    ),
    ("a JSON body begins with {", |sent, _| {
        sent.set_content_type("application/yaml")
    }),
    ("a comma is missing at the end of line ", |sent, advice| {
        let number: usize = advice.hint.rsplit(' ').next().unwrap().parse().unwrap();
        // On one line the place is before what follows.
        let place = advice.at.filter(|(line, _)| *line == number);
        sent.change_text(|text| {
            on_line(&text, number, |line| match place {
                Some((_, column)) => format!("{},{}", &line[..column - 1], &line[column - 1..]),
                None => format!("{line},"),
            })
        });
    }),
    (
        "remove the comma after the last entry, in line ",
        |sent, advice| {
            let number: usize = advice.hint.rsplit(' ').next().unwrap().parse().unwrap();
            let place = advice
                .at
                .filter(|(line, _)| *line == number)
                .map(|(_, column)| column - 1);
            sent.change_text(|text| {
                on_line(&text, number, |line| {
                    let at = line[..place.unwrap_or(line.len())].rfind(',').unwrap();
                    format!("{}{}", &line[..at], &line[at + 1..])
                })
            });
        },
    ),
    ("a line break inside a string is written \\n", |sent, _| {
        sent.change_text(|text| {
            let mut inside = false;
            let escaped = text.chars().map(|char| {
                inside ^= char == '"';
                if inside && char == '\n' {
                    "\\n".to_owned()
                } else {
                    char.to_string()
                }
            });
            escaped.collect()
        });
    }),
    ("put the field's name in double quotes", quote_word),
    ("put the value in double quotes", quote_word),
    (
        "put the value itself there, in double quotes",
        |sent, advice| {
            sent.change_line(advice, |line, at| {
                let start = line.find(':').map_or(at, |colon| colon + 1);
                let end = if line.ends_with("}}}") { "}" } else { "" };
                format!(
                    "{}\"https://worker-9.example.com:6443\"{end}",
                    &line[..start]
                )
            });
        },
    ),
    (
        "put the value itself between the colon or comma",
        |sent, advice| {
            sent.change_line(advice, |line, at| {
                format!("{}\"physical\"{}", &line[..at], &line[at..])
            });
        },
    ),
    ("remove this character", |sent, advice| {
        sent.change_line(advice, |line, at| {
            format!("{}{}", &line[..at], &line[at + 1..])
        });
    }),
    ("write the number in digits", |sent, _| {
        sent.change_text(|text| text.replace("1e999", "1"))
    }),
    ("write a backslash inside a string as \\\\", |sent, _| {
        sent.change_text(|text| text.replace('\\', "\\\\"))
    }),
    ("remove what follows the closing brace", |sent, advice| {
        sent.change_line(advice, |line, at| line[..at].to_owned());
    }),
    ("the body ends too early", |sent, _| {
        sent.change_text(|text| text.trim_end().to_owned() + "\"}")
    }),
    ("send the cluster's fields as a JSON object", |sent, _| {
        sent.set_content_type("application/json");
        sent.replace(GOOD);
    }),
    ("send an object such as {\"api_server\"", |sent, _| {
        sent.replace(GOOD)
    }),
    ("send the request as it is, neither in Base64", |sent, _| {
        let text = sent.text();
        let request = serde_json::from_str(&text).unwrap_or_else(|_| {
            let bytes = BASE64_STANDARD.decode(text.trim()).unwrap();
            String::from_utf8(bytes).unwrap()
        });
        let is_json = request.starts_with('{');
        sent.set_content_type(if is_json {
            "application/json"
        } else {
            "application/yaml"
        });
        sent.replace(&request);
    }),
    ("remove the backslashes before the quotes", |sent, _| {
        sent.change_text(|text| text.replace("\\\"", "\""));
    }),
    (
        "leave out the two lines with the marks of a code block",
        |sent, _| {
            sent.change_text(|text| {
                let lines = text.lines().filter(|line| !line.starts_with('`'));
                lines.collect::<Vec<_>>().join("\n")
            });
        },
    ),
    ("write common spaces in place of non-breaking", |sent, _| {
        sent.change_text(|text| text.replace(['\u{a0}', '\u{3000}'], " "));
    }),
    ("send it as `kubeconfig`, beside ", |sent, _| {
        sent.set_content_type("application/json");
        sent.replace(GOOD);
    }),
    ("keep the line breaks, which are lost", |sent, _| {
        sent.set_content_type("application/json");
        sent.replace(GOOD);
    }),
    ("the body is packed", |sent, _| sent.replace(GOOD)),
    ("the body is UTF-16", |sent, _| {
        let mark: &[u8] = &[0xff, 0xfe];
        let pairs = sent.body.strip_prefix(mark).unwrap_or(&sent.body).chunks(2);
        let units: Vec<u16> = pairs
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
            .collect();
        sent.body = String::from_utf16(&units).unwrap().into_bytes();
    }),
    ("save the file as UTF-8", |sent, _| {
        // Latin 1 has the first 256 characters.
        sent.body = sent
            .body
            .iter()
            .map(|byte| char::from(*byte))
            .collect::<String>()
            .into_bytes();
    }),
    ("send one request for each cluster", |sent, _| {
        sent.change_text(|text| text.split("\n---").next().unwrap().to_owned());
    }),
    ("remove the comma at the end of the line", |sent, advice| {
        sent.change_line(advice, |line, _| {
            line.trim_end().trim_end_matches(',').to_owned()
        });
    }),
    ("indent with spaces", |sent, _| {
        sent.change_text(|text| text.replace('\t', "  "));
    }),
    ("put the value in quotes: its first character", quote_yaml),
    ("put the value in quotes where it has a colon", quote_yaml),
    ("a closing quote is missing", |sent, _| {
        sent.change_text(|text| text.trim_end().to_owned() + "\"\n")
    }),
    ("put the value itself in the place of {{…}}", |sent, _| {
        sent.change_text(|text| text.replace("{{ usage }}", "worker"));
    }),
    ("close each bracket and brace once", |sent, _| {
        sent.change_text(|text| text.replace("[demo}", "[demo]}").replace("\n]\n", "\n"))
    }),
    ("resolve the merge conflict first", |sent, _| {
        sent.change_text(|text| super::mending::resolved(&text));
    }),
    ("a key is a word", |sent, _| {
        sent.change_text(|text| text.replace("? [a]\n:", "\"[a]\":"))
    }),
    ("send what is in that field", |sent, _| {
        sent.change(|fields| {
            let mut values = fields.as_object().unwrap().values();
            *fields = values.find(|value| value.is_object()).unwrap().clone();
        });
    }),
    ("put all of the value in quotes", |sent, advice| {
        sent.change_line(advice, |line, _| {
            let (key, value) = line.split_once(": ").unwrap();
            format!("{key}: \"{}\"", value.split('"').nth(1).unwrap())
        });
    }),
    ("write a backslash in double quotes as", |sent, _| {
        // No host name has one.
        sent.change_text(|text| text.replace('\\', ""));
    }),
    ("begin the text on the line behind", |sent, _| {
        sent.change_text(|text| text.replace(": | ", ": |\n  "));
    }),
    ("indent all lines of the text alike", |sent, _| {
        sent.change_text(|text| {
            text.lines()
                .map(str::trim_end)
                .collect::<Vec<_>>()
                .join("\n")
        });
    }),
    ("indent all fields of an object alike", |sent, advice| {
        let (number, _) = advice.at.unwrap();
        sent.change_text(|text| {
            let before = text.lines().nth(number - 2).unwrap();
            let blanks = &before[..before.len() - before.trim_start().len()];
            on_line(&text, number, |line| {
                format!("{blanks}{}", line.trim_start_matches(['-', ' ']))
            })
        });
    }),
    ("send a cluster's fields alone", |sent, _| {
        sent.set_content_type("application/json");
        sent.replace(GOOD);
    }),
    ("mend these first", |_, _| {}),
];

fn before(line: &str, mark: &str) -> String {
    line.split(mark).next().unwrap().trim_end().to_owned()
}

fn on_line(text: &str, number: usize, change: impl Fn(&str) -> String) -> String {
    let lines = text.split('\n').enumerate();
    let changed = lines.map(|(at, line)| {
        if at + 1 == number {
            change(line)
        } else {
            line.to_owned()
        }
    });
    changed.collect::<Vec<_>>().join("\n")
}

/// The word at a place of JSON.
fn quote_word(sent: &mut Sent, advice: &super::Advice) {
    // serde_json stops within a word that begins like `true`.
    sent.change_line(advice, |line, at| {
        let start = line[..at]
            .rfind([' ', '{', ':', ','])
            .map_or(0, |before| before + 1);
        let is_key = advice.message.contains("key must be");
        let rest = &line[start..];
        let end = if is_key {
            rest.find(':')
        } else {
            rest.find([',', '}'])
        }
        .unwrap_or(rest.len());
        format!("{}\"{}\"{}", &line[..start], &rest[..end], &rest[end..])
    });
}

/// The value on a line of YAML.
fn quote_yaml(sent: &mut Sent, advice: &super::Advice) {
    sent.change_line(advice, |line, _| {
        let (key, value) = line.split_once(": ").unwrap();
        format!("{key}: \"{value}\"")
    });
}
