//! `/docs`: Swagger UI on `/openapi.json`. The files are Swagger UI's own, from the crate that carries them,
//! compressed when this crate is built. Nothing of another origin is loaded.

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

/// A browser that has the file is told so. Every one of today's reads gzip.
fn content(file: &File, headers: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", file.digest);
    let known = headers.get(header::IF_NONE_MATCH);
    let is_known = known.is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response = Response::new(if is_known {
        Vec::new()
    } else {
        file.gzip.to_vec()
    });
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let fixed = [
        (header::CONTENT_TYPE, file.media_type),
        (header::CONTENT_ENCODING, "gzip"),
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

    #[test]
    fn what_a_browser_has_is_not_sent_again() {
        let first = answer("/docs", &HeaderMap::new());
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, first.headers()[header::ETAG].clone());
        let again = answer("/docs", &headers);
        assert_eq!(
            (again.status(), again.body().len()),
            (StatusCode::NOT_MODIFIED, 0)
        );
    }
}
