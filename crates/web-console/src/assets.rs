//! Style sheet, script and icon, compressed when they were built.

use http::header;
use service::runtime::Request;

use crate::pages;
use crate::reply::{Response, page};

/// A file that pages refer to.
struct Asset {
    name: &'static str,
    media_type: &'static str,
    /// First half of its SHA-256, so that a changed file has another address.
    digest: &'static str,
    gzip: &'static [u8],
}

static ASSETS: &[Asset] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The address of a file, with its digest.
pub(crate) fn address(name: &str) -> String {
    let asset = ASSETS.iter().find(|asset| asset.name == name);
    let digest = asset.map(|asset| asset.digest).unwrap_or_default();
    format!("/assets/{name}?{digest}")
}

/// The file that a request asks for, or that there is none; `None` where the path is no file's.
pub(crate) fn answer(request: &Request) -> Option<Response> {
    let name = request.uri().path().strip_prefix("/assets/")?;
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == name) else {
        return Some(page(404, &pages::failure::missing()));
    };
    let tag = format!("\"{}\"", asset.digest);
    // One of a list, or a weak one, where a gateway compresses.
    let known = request.headers().get(header::IF_NONE_MATCH);
    let known = known.and_then(|known| known.to_str().ok());
    let is_known = known.is_some_and(|known| known.contains(&tag));
    let mut response = Response::new(if is_known {
        Vec::new()
    } else {
        asset.gzip.to_vec()
    });
    if is_known {
        *response.status_mut() = http::StatusCode::NOT_MODIFIED;
    }
    // A page of another version asks for another digest, and must not have this file for a year.
    let is_current = request.uri().query() == Some(asset.digest);
    let caching = if is_current {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let fixed = [
        (header::CONTENT_TYPE, asset.media_type),
        // Without a plain form: every browser reads gzip, and so may be answered whoever names no coding (RFC 9110, section
        // 12.5.3).
        (header::CONTENT_ENCODING, "gzip"),
        (header::VARY, "accept-encoding"),
        (header::CACHE_CONTROL, caching),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in fixed {
        response
            .headers_mut()
            .insert(name, http::HeaderValue::from_static(value));
    }
    if let Ok(tag) = tag.parse() {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Some(response)
}
