//! Tokens of every kind.

use super::*;

#[test]
fn tokens_that_a_header_takes() {
    for token in [
        "abc",
        "kubeconfig-u-x:abc",
        "sha256~a_b-c",
        "k8s-aws-v1.aHR0",
        "YWJj+/==",
        "bearertoken",
        "a$b",
        "a%b",
    ] {
        assert_eq!(token_error(token), None, "{token}");
    }
}

#[test]
fn tokens_that_none_takes() {
    use KubeconfigError::{Bearer, Placeholder, Redacted, ShellPercent, TokenCharacters};
    for (token, error) in [
        ("REDACTED", Redacted("token", View::CurrentContext)),
        ("<token>", Placeholder("token")),
        ("${TOKEN}", Placeholder("token")),
        ("$TOKEN", Placeholder("token")),
        ("$(cat token)", Placeholder("token")),
        ("{{ .token }}", Placeholder("token")),
        ("[MASKED]", Placeholder("token")),
        ("%TOKEN%", Placeholder("token")),
        ("***", Placeholder("token")),
        ("YOUR_TOKEN_HERE", Placeholder("token")),
        ("REPLACE-ME", Placeholder("token")),
        ("your-token-here", Placeholder("token")),
        ("None", Placeholder("token")),
        ("null", Placeholder("token")),
        ("undefined", Placeholder("token")),
        ("string", Placeholder("token")),
        ("TODO", Placeholder("token")),
        ("ChangeMe", Placeholder("token")),
        ("xxxxxxxx", Placeholder("token")),
        ("XXX", Placeholder("token")),
        ("op://vault/cluster/token", Placeholder("token")),
        ("vault:secret/data/cluster#token", Placeholder("token")),
        (
            "arn:aws:secretsmanager:eu-west-1:1:secret:a",
            Placeholder("token"),
        ),
        ("eyJhbGciOi...", Placeholder("token")),
        ("eyJhbGciOi…", Placeholder("token")),
        ("Bearer abc", Bearer),
        ("bearer", Bearer),
        ("abc%", ShellPercent),
        ("a b", TokenCharacters),
        ("a\nb", TokenCharacters),
        ("a\tb", TokenCharacters),
        (" a", TokenCharacters),
        ("\"a\"", TokenCharacters),
        ("'a", TokenCharacters),
        ("a\u{a0}", TokenCharacters),
        ("ä", TokenCharacters),
        ("a\0", TokenCharacters),
    ] {
        assert_eq!(token_error(token), Some(error), "{token}");
    }
}

#[test]
fn words_between_angle_brackets_are_told_from_passwords() {
    for text in [
        "<password>",
        "<your-password>",
        "<no value>",
        "<Kennwort>",
        "<PASSWORD_1>",
        "<contraseña>",
    ] {
        assert!(is_in_words(text), "{text}");
    }
    for text in [
        "<3k>", "<3>", "<p>", "<>", "<a7Fq#x>", "<x7Kq2m>", "<I<3you>",
    ] {
        assert!(!is_in_words(text), "{text}");
    }
}

#[test]
fn jwts_end() {
    let jwt = |claims: &str| format!("eyJ.{}.sig", BASE64_URL.encode(claims));
    let expiry = |token: &str| claim(token, "exp");
    assert_eq!(claim(&jwt("{\"nbf\": 7}"), "nbf"), Some(7));
    assert_eq!(expiry(&jwt("{\"exp\": 5}")), Some(5));
    assert_eq!(expiry(&jwt("{\"exp\": 5.5}")), Some(5));
    for token in [
        "abc",
        "a.b.c",
        &jwt("{}"),
        &jwt("[]"),
        &jwt("{\"exp\":\"5\"}"),
        &jwt("{\"exp\":1795692037000}"),
    ] {
        assert_eq!(expiry(token), None, "{token}");
    }
    assert!(is_encoded_jwt(&super::super::encoding::encode(
        jwt("{}").as_bytes()
    )));
    assert!(!is_encoded_jwt(&jwt("{}")));
}
