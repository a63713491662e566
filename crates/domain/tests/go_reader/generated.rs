//! Kubeconfigs with every field in every form, and what editors, shells and copying make of them.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use crate::files;
use crate::slips::{DataSlip, data_slip, flip};

/// A file, with up to three slips in it, as it is or in an encoding.
pub fn file() -> impl Strategy<Value = String> {
    let whole = prop_oneof![3 => composed(), 2 => select(of_cases())];
    let slips = prop_oneof![3 => Just(0_usize), 2 => 1..4_usize];
    let slipped = (whole, slips.prop_flat_map(|most| vec(slip(), most)))
        .prop_map(|(text, slips)| slips.into_iter().fold(text, |text, slip| slip.apply(&text)));
    let form = prop_oneof![12 => Just(Form::Plain), 1 => Just(Form::Base64), 1 => Just(Form::Utf16([0xff, 0xfe])),
        1 => Just(Form::Utf16([0xfe, 0xff]))];
    (slipped, form).prop_map(|(text, form)| form.of(&text))
}

/// A file whose user has a certificate and a key: of one another or not, and with flipped bits or without.
pub fn login() -> impl Strategy<Value = String> {
    let kinds = files::pairs();
    let key_of = |kind: &files::Pair| select(kind.keys.clone());
    let kin = kinds.clone();
    let pair = select(kinds.clone()).prop_flat_map(move |kind| {
        let alike = kin.iter().filter(|other| other.kind == kind.kind);
        let alike: Vec<String> = alike.flat_map(|other| other.keys.clone()).collect();
        let any: Vec<String> = kin.iter().flat_map(|other| other.keys.clone()).collect();
        let key = prop_oneof![12 => key_of(&kind), 3 => select(alike), 1 => select(any)];
        (Just(kind.certificate), key)
    });
    let slip = || prop_oneof![2 => Just(None), 1 => flip().prop_map(Some)];
    let slips = prop_oneof![
        1 => (Just(None), slip()),
        2 => (Just(None), flip().prop_map(Some)),
        1 => (slip(), slip()),
    ];
    (pair, slips).prop_map(|((certificate, key), (one, other))| {
        let data = |text: String, slip: Option<DataSlip>| match slip {
            Some(slip) => slip.encoded(BASE64_STANDARD.decode(text).unwrap()),
            None => text,
        };
        with_login(&data(certificate, one), &data(key, other))
    })
}

/// A file with a user who has these data.
pub fn with_login(certificate: &str, key: &str) -> String {
    with_user(json!({"client-certificate-data": certificate, "client-key-data": key}))
}

/// A file with this user.
pub fn with_user(user: Value) -> String {
    json!({
        "clusters": [{"name": "a", "cluster": {"insecure-skip-tls-verify": false}}],
        "users": [{"name": "a", "user": user}],
    })
    .to_string()
}

/// How a file is sent.
#[derive(Debug, Clone, Copy)]
enum Form {
    Plain,
    Base64,
    /// With this mark, and in Base64.
    Utf16([u8; 2]),
}

impl Form {
    fn of(self, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Base64 => BASE64_STANDARD.encode(text),
            Self::Utf16(mark) => {
                let bytes = |unit: u16| {
                    if mark[0] == 0xff {
                        unit.to_le_bytes()
                    } else {
                        unit.to_be_bytes()
                    }
                };
                let units = text.encode_utf16().flat_map(bytes);
                BASE64_STANDARD.encode(mark.into_iter().chain(units).collect::<Vec<u8>>())
            }
        }
    }
}

fn of_cases() -> Vec<String> {
    files::of_cases()
        .into_iter()
        .map(|(_, text)| text)
        .collect()
}

/// A field with one of its forms, or without.
fn field(name: &'static str, forms: Vec<Value>) -> BoxedStrategy<Vec<(String, Value)>> {
    let given = select(forms).prop_map(move |form| vec![(name.to_owned(), form)]);
    prop_oneof![2 => Just(Vec::new()), 1 => given].boxed()
}

fn data(name: &'static str) -> BoxedStrategy<Vec<(String, Value)>> {
    let mut forms: Vec<Value> = files::values(name).into_iter().map(Value::from).collect();
    forms.extend([
        json!(""),
        json!(null),
        json!("YQ=="),
        json!("no base64"),
        json!(1),
    ]);
    field(name, forms)
}

fn object(fields: Vec<BoxedStrategy<Vec<(String, Value)>>>) -> BoxedStrategy<Value> {
    let collect = |fields: Vec<Vec<(String, Value)>>| {
        Value::Object(fields.into_iter().flatten().collect::<Map<_, _>>())
    };
    fields.prop_map(collect).boxed()
}

fn cluster() -> BoxedStrategy<Value> {
    object(vec![
        field(
            "server",
            vec![
                json!("https://a.example.com"),
                json!("a"),
                json!(""),
                json!(null),
                json!(6),
            ],
        ),
        data("certificate-authority-data"),
        field("certificate-authority", vec![json!("/ca.crt"), json!("")]),
        field(
            "insecure-skip-tls-verify",
            [
                json!(true),
                json!(false),
                json!("true"),
                json!(1),
                json!(null),
            ]
            .to_vec(),
        ),
        field(
            "tls-server-name",
            vec![json!("a.example.com"), json!(""), json!(1), json!("a b")],
        ),
        field(
            "proxy-url",
            [
                "http://proxy.example.com:3128",
                "socks5://proxy.example.com",
                "proxy",
                "ftp://a",
                "http://a b",
                "http://127.0.0.1",
                "http://[::1]:1/",
                "",
                "https://u:p@proxy.example.com",
                "http://proxy.example.com:99999",
                "http://%41.example.com",
                "socks5h://proxy.example.com",
            ]
            .map(Value::from)
            .to_vec(),
        ),
        field("disable-compression", vec![json!(true), json!("yes")]),
        field("unknown", vec![json!({"a": [1]})]),
    ])
}

fn user() -> BoxedStrategy<Value> {
    let tokens = [
        "abc",
        "eyJhbGciOiJub25lIn0.e30.x",
        "",
        "a b",
        "a\n",
        "a\r\n",
        "\ta",
        "REDACTED",
        "Bearer a",
        "\"a\"",
        "a\u{7f}",
        "ä",
        "a%",
        "<token>",
        "a,b",
        "0x1F",
        "YWJj",
        "a\u{0}",
    ];
    let pair = select(pairs()).prop_map(|(certificate, key)| {
        vec![
            ("client-certificate-data".to_owned(), json!(certificate)),
            ("client-key-data".to_owned(), json!(key)),
        ]
    });
    let apart = (data("client-certificate-data"), data("client-key-data"))
        .prop_map(|(certificate, key)| [certificate, key].concat());
    let certificate = prop_oneof![2 => Just(Vec::new()), 1 => pair, 1 => apart].boxed();
    object(vec![
        certificate,
        field(
            "token",
            tokens
                .map(Value::from)
                .into_iter()
                .chain([json!(1), json!(true)])
                .collect(),
        ),
        field("tokenFile", vec![json!("/token"), json!("")]),
        field(
            "username",
            vec![json!("a"), json!(""), json!("a:b"), json!(1)],
        ),
        field(
            "password",
            vec![
                json!("p"),
                json!(""),
                json!("p\n"),
                json!("REDACTED"),
                json!(1),
                json!("[abc]"),
                json!("****"),
                json!("abc..."),
                json!("abc…"),
                json!("$VAR"),
                json!("${x}"),
                json!("<p>"),
                json!("%a%"),
                json!("CHANGE-ME"),
            ],
        ),
        field("client-key", vec![json!("/key")]),
        field(
            "exec",
            vec![
                json!({"command": "a", "apiVersion": "client.authentication.k8s.io/v1", "interactiveMode": "Never"}),
                json!({}),
                json!(null),
            ],
        ),
        field("auth-provider", vec![json!({"name": "gcp"}), json!(null)]),
        field("as", vec![json!("b")]),
    ])
}

/// Certificates and keys that stand side by side in the cases, and those of every kind.
fn pairs() -> Vec<(String, String)> {
    let with_keys = |pair: files::Pair| {
        let with_key = move |key| (pair.certificate.clone(), key);
        pair.keys.into_iter().map(with_key).collect::<Vec<_>>()
    };
    let mut pairs: Vec<_> = files::pairs().into_iter().flat_map(with_keys).collect();
    for (_, text) in files::of_cases() {
        let config: Value = domain::yaml::from_str(&text).unwrap_or_default();
        for entry in config["users"].as_array().into_iter().flatten() {
            let data = |name: &str| entry["user"][name].as_str().map(str::to_owned);
            pairs.extend(data("client-certificate-data").zip(data("client-key-data")));
        }
    }
    pairs
}

fn name() -> impl Strategy<Value = &'static str> {
    prop_oneof![4 => Just("a"), 2 => Just("b"), 1 => Just("")]
}

fn composed() -> impl Strategy<Value = String> {
    let cluster =
        (name(), cluster()).prop_map(|(name, cluster)| json!({"name": name, "cluster": cluster}));
    let user = (name(), user()).prop_map(|(name, user)| json!({"name": name, "user": user}));
    let context = (name(), name(), name()).prop_map(|(name, cluster, user)| {
        json!({"name": name, "context": {"cluster": cluster, "user": user}})
    });
    let head = select(vec![
        json!({"apiVersion": "v1", "kind": "Config"}),
        json!({}),
        json!({"kind": "Config"}),
        json!({"apiVersion": "v1", "kind": "Secret"}),
        json!({"apiVersion": "v1beta1", "kind": "Config"}),
        json!({"preferences": {}, "extensions": []}),
    ]);
    let current = prop_oneof![
        4 => Just(json!("a")), 3 => Just(Value::Null), 1 => Just(json!("c")), 1 => Just(json!("")), 1 => Just(json!(1)),
    ];
    let lists = (vec(cluster, 0..3), vec(user, 0..3), vec(context, 0..3));
    (head, lists, current, any::<bool>()).prop_map(
        |(head, (clusters, users, contexts), current, is_json)| {
            let mut config = head;
            config["clusters"] = json!(clusters);
            config["users"] = json!(users);
            if !contexts.is_empty() {
                config["contexts"] = json!(contexts);
            }
            if !current.is_null() {
                config["current-context"] = current;
            }
            match is_json {
                true => config.to_string(),
                false => domain::yaml::to_string(&config).unwrap(),
            }
        },
    )
}

/// Damage to a text between two tools.
#[derive(Debug, Clone)]
pub enum Slip {
    Insert(usize, &'static str),
    Replace(usize, &'static str),
    Cut(usize),
    LoseLine(usize),
    RepeatLine(usize),
    SwapLines(usize, usize),
    Indent(usize),
    WindowsLines,
    MacLines,
    Append(&'static str),
    Prepend(&'static str),
    /// A tab in place of the first two blanks of a line.
    Tab(usize),
    /// Marks around the value of a line.
    Around(usize, &'static str, &'static str),
    /// A line's key in another spelling.
    Key(usize, fn(&str) -> String),
    /// In the Base64 of one of the file's certificates or keys, or in what it holds.
    Data(usize, DataSlip),
}

fn slip() -> impl Strategy<Value = Slip> {
    let bits = [
        ":", " ", "\t", "\n", "\"", "'", "-", "#", "{", "}", "[", "]", ",", "|", ">", "&a ", "*a",
        "!", "%", "@", "`", "\\", "\u{feff}", "\u{a0}", "\u{0}", "\u{85}", "yes", "on", "null",
        "~", "0o17", "1_000", "<<: ", "? ", "=", "A",
    ];
    let ends = [
        "---\n",
        "\n---\n",
        "...\n",
        "---\na: b\n",
        "%",
        "\u{0}",
        "\t",
        "# end",
        "\n\n",
        "=",
        "\"",
        "'",
    ];
    let begins = [
        "---\n",
        "\u{feff}",
        " ",
        "\n",
        "%YAML 1.1\n---\n",
        "# a\n",
        "\t",
        "\"",
        "'",
        "a: b\n",
    ];
    let at = any::<usize>;
    prop_oneof![
        (at(), select(bits.to_vec())).prop_map(|(at, bit)| Slip::Insert(at, bit)),
        (at(), select(bits.to_vec())).prop_map(|(at, bit)| Slip::Replace(at, bit)),
        at().prop_map(Slip::Cut),
        at().prop_map(Slip::LoseLine),
        at().prop_map(Slip::RepeatLine),
        (at(), at()).prop_map(|(one, other)| Slip::SwapLines(one, other)),
        at().prop_map(Slip::Indent),
        Just(Slip::WindowsLines),
        Just(Slip::MacLines),
        at().prop_map(Slip::Tab),
        (at(), select(AROUND.to_vec()))
            .prop_map(|(at, (before, after))| Slip::Around(at, before, after)),
        (at(), select(SPELLINGS.to_vec())).prop_map(|(at, spelling)| Slip::Key(at, spelling)),
        (at(), data_slip()).prop_map(|(at, slip)| Slip::Data(at, slip)),
        (at(), data_slip()).prop_map(|(at, slip)| Slip::Data(at, slip)),
        select(ends.to_vec()).prop_map(Slip::Append),
        select(begins.to_vec()).prop_map(Slip::Prepend),
    ]
}

/// Quotes, tags, anchors and comments.
const AROUND: [(&str, &str); 16] = [
    ("\"", "\""),
    ("'", "'"),
    ("“", "”"),
    ("\"", ""),
    ("", "'"),
    ("!!str ", ""),
    ("!!binary ", ""),
    ("!!int ", ""),
    ("!custom ", ""),
    ("! ", ""),
    ("&a ", ""),
    ("|\n      ", ""),
    (">-\n      ", ""),
    ("[", "]"),
    ("", " # comment"),
    ("", "\t"),
];

/// Keys as other tools spell them.
const SPELLINGS: [fn(&str) -> String; 5] = [
    |key| key.to_uppercase(),
    |key| key.replace('-', "_"),
    |key| format!("{key} "),
    |key| key.replacen("  ", "", 1),
    |key| key.replacen(|char: char| char.is_ascii_lowercase(), "X", 1),
];

fn change_line(text: &str, at: usize, change: impl Fn(&str) -> String) -> String {
    let changed = text.split('\n').enumerate();
    let changed = changed.map(|(number, line)| {
        if number == at {
            change(line)
        } else {
            line.to_owned()
        }
    });
    changed.collect::<Vec<_>>().join("\n")
}

impl Slip {
    fn apply(&self, text: &str) -> String {
        let chars: Vec<char> = text.chars().collect();
        let place = |at: usize| at % (chars.len() + 1);
        let of = |chars: &[char]| chars.iter().collect::<String>();
        let mut lines: Vec<&str> = text.split('\n').collect();
        let line = |at: usize| at % lines.len();
        match *self {
            Self::Insert(at, bit) => of(&chars[..place(at)]) + bit + &of(&chars[place(at)..]),
            Self::Replace(at, bit) => {
                let at = place(at);
                of(&chars[..at]) + bit + &of(&chars[(at + 1).min(chars.len())..])
            }
            Self::Cut(at) => of(&chars[..place(at)]),
            Self::LoseLine(at) => {
                let at = line(at);
                lines.remove(at);
                lines.join("\n")
            }
            Self::RepeatLine(at) => {
                let at = line(at);
                lines.insert(at, lines[at]);
                lines.join("\n")
            }
            Self::SwapLines(one, other) => {
                let (one, other) = (line(one), line(other));
                lines.swap(one, other);
                lines.join("\n")
            }
            Self::Indent(at) => {
                let at = line(at);
                let indented = format!(" {}", lines[at]);
                lines[at] = &indented;
                lines.join("\n")
            }
            Self::WindowsLines => text.replace('\n', "\r\n"),
            Self::MacLines => text.replace('\n', "\r"),
            Self::Tab(at) => change_line(text, line(at), |line| line.replacen("  ", "\t", 1)),
            Self::Around(at, before, after) => change_line(text, line(at), |line| {
                let value = line.split_once(": ");
                value.map_or(line.to_owned(), |(key, value)| {
                    format!("{key}: {before}{value}{after}")
                })
            }),
            Self::Key(at, spelling) => change_line(text, line(at), |line| {
                let parts = line.split_once(':');
                parts.map_or(line.to_owned(), |(key, rest)| {
                    format!("{}:{rest}", spelling(key))
                })
            }),
            Self::Data(at, ref slip) => slip.apply(text, at),
            Self::Append(end) => text.to_owned() + end,
            Self::Prepend(begin) => begin.to_owned() + text,
        }
    }
}
