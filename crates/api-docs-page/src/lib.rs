//! `/docs`: Swagger UI on `/openapi.json`. The files are Swagger UI's own, from the crate that carries them,
//! compressed when this crate is built. Nothing of another origin is loaded.

use std::io::Read as _;

use flate2::read::GzDecoder;
use http::{HeaderMap, HeaderValue, StatusCode, header};

/// A whole answer.
pub type Response = http::Response<Vec<u8>>;

struct File {
    name: &'static str,
    media_type: &'static str,
    digest: &'static str,
    gzip: &'static [u8],
}

static FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// Swagger UI sets `style` attributes and shows icons from `data:` addresses; scripts are files of this page alone.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// Answers a path: the page at `/docs` and at the guides' `/q/swagger-ui`, its files below.
#[must_use]
pub fn answer(path: &str, headers: &HeaderMap) -> Response {
    let name = ["/docs", "/q/swagger-ui"]
        .iter()
        .find_map(|root| path.strip_prefix(root));
    let name = match name.unwrap_or("/-").trim_start_matches('/') {
        "" => "index.html",
        name => name,
    };
    let mut response = match FILES.iter().find(|file| file.name == name) {
        Some(file) => content(file, headers),
        None => missing(),
    };
    // Without it, a kept-alive connection waits. RFC 9110 15.4.5: a 304 has that of the file, or none.
    if response.status() != StatusCode::NOT_MODIFIED {
        let length = response.body().len();
        response
            .headers_mut()
            .insert(header::CONTENT_LENGTH, length.into());
    }
    response
}

fn missing() -> Response {
    let mut response = Response::new(b"there is nothing here; the page is at /docs\n".to_vec());
    *response.status_mut() = StatusCode::NOT_FOUND;
    let text = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, text);
    response
}

/// A browser that has the file is told so. It is sent as it is stored to whoever reads gzip, as every browser does.
fn content(file: &File, headers: &HeaderMap) -> Response {
    let is_gzip = reads_gzip(headers);
    let coding = if is_gzip { "gzip" } else { "identity" };
    let tag = format!("\"{}-{coding}\"", file.digest);
    // One of a list, or a weak one, where a gateway compresses.
    let known = headers.get(header::IF_NONE_MATCH);
    let known = known.and_then(|known| known.to_str().ok());
    let is_known = known.is_some_and(|known| known.contains(&tag));
    let body = match (is_known, is_gzip) {
        (true, _) => Vec::new(),
        (false, true) => file.gzip.to_vec(),
        (false, false) => unpacked(file.gzip),
    };
    let mut response = Response::new(body);
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    if is_gzip {
        let gzip = HeaderValue::from_static(coding);
        response
            .headers_mut()
            .insert(header::CONTENT_ENCODING, gzip);
    }
    let fixed = [
        (header::CONTENT_TYPE, file.media_type),
        (header::VARY, "accept-encoding"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        // A browser asks each time whether it has changed, and is answered in a few bytes.
        (header::CACHE_CONTROL, "no-cache"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in fixed {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    if let Ok(tag) = tag.parse() {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// Tells whether an answer may be gzip. Who names no coding may be a program that shows what comes, such as curl.
fn reads_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter();
    let codings = values.filter_map(|value| value.to_str().ok());
    let mut codings = codings.flat_map(|value| value.split(','));
    codings.any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight.trim().strip_prefix("q=");
        let is_refused = weight.is_some_and(|weight| weight.parse() == Ok(0.0));
        ["gzip", "x-gzip", "*"].contains(&name.trim().to_ascii_lowercase().as_str()) && !is_refused
    })
}

fn unpacked(gzip: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    // This crate packed it.
    GzDecoder::new(gzip).read_to_end(&mut content).ok();
    content
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_at_both_addresses_and_its_files_below() {
        for (path, media_type) in [
            ("/docs", "text/html; charset=utf-8"),
            ("/docs/", "text/html; charset=utf-8"),
            ("/q/swagger-ui", "text/html; charset=utf-8"),
            ("/q/swagger-ui/", "text/html; charset=utf-8"),
            ("/docs/swagger-ui.css", "text/css; charset=utf-8"),
            (
                "/docs/swagger-ui-bundle.js",
                "text/javascript; charset=utf-8",
            ),
        ] {
            let response = answer(path, &HeaderMap::new());
            assert_eq!(
                response.headers()[header::CONTENT_TYPE],
                media_type,
                "{path}"
            );
        }
        for path in ["/docs/x", "/docs/../docs.js", "/"] {
            assert_eq!(answer(path, &HeaderMap::new()).status(), 404, "{path}");
        }
    }

    fn accepting(codings: &'static str) -> HeaderMap {
        [(header::ACCEPT_ENCODING, HeaderValue::from_static(codings))]
            .into_iter()
            .collect()
    }

    #[test]
    fn who_does_not_read_gzip_gets_plain_text() {
        for (codings, is_gzip) in [
            ("gzip, deflate, br", true),
            ("deflate, GZIP;q=0.5", true),
            ("*", true),
            ("gzip;q=0, identity", false),
            ("gzip; q=0.000", false),
            ("identity", false),
            ("br", false),
        ] {
            let response = answer("/docs", &accepting(codings));
            let coding = response.headers().get(header::CONTENT_ENCODING);
            assert_eq!(coding.is_some(), is_gzip, "{codings}");
            assert_eq!(response.body().starts_with(b"<!"), !is_gzip, "{codings}");
            assert_eq!(response.headers()[header::VARY], "accept-encoding");
        }
        let plain = answer("/docs", &HeaderMap::new());
        assert!(plain.body().starts_with(b"<!") && plain.body().ends_with(b"</html>\n"));
    }

    #[test]
    fn what_a_browser_has_is_not_sent_again() {
        let mut headers = accepting("gzip");
        let first = answer("/docs", &headers);
        let tag = first.headers()[header::ETAG].to_str().unwrap();
        for known in [
            tag.to_owned(),
            format!("W/{tag}"),
            format!("\"other\", {tag}"),
        ] {
            headers.insert(header::IF_NONE_MATCH, known.parse().unwrap());
            let again = answer("/docs", &headers);
            assert_eq!(
                (again.status(), again.body().len()),
                (StatusCode::NOT_MODIFIED, 0),
                "{known}"
            );
        }
    }
}
