//! Style sheet, script and icon, compressed when they were built.

use http::header;

use crate::reply::Response;

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

/// The file of that name; a browser that has it is told so.
pub(crate) fn answer(name: &str, headers: &http::HeaderMap) -> Option<Response> {
    let asset = ASSETS.iter().find(|asset| asset.name == name)?;
    let tag = format!("\"{}\"", asset.digest);
    // One of a list, or a weak one, where a gateway compresses.
    let known = headers.get(header::IF_NONE_MATCH);
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
    let fixed = [
        (header::CONTENT_TYPE, asset.media_type),
        (header::CONTENT_ENCODING, "gzip"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
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
