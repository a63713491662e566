//! Takes the two files of Swagger UI that a page needs out of its archive and compresses them.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::path::Path;

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;

/// Name, media type, and whether it is Swagger UI's.
const FILES: [(&str, &str, bool); 5] = [
    ("swagger-ui.css", "text/css; charset=utf-8", true),
    (
        "swagger-ui-bundle.js",
        "text/javascript; charset=utf-8",
        true,
    ),
    ("docs.css", "text/css; charset=utf-8", false),
    ("docs.js", "text/javascript; charset=utf-8", false),
    ("index.html", "text/html; charset=utf-8", false),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let out = std::env::var("OUT_DIR")?;
    let mut table = String::from("&[\n");
    for (name, media_type, is_vendored) in FILES {
        let content = if is_vendored {
            vendored(name).ok_or_else(|| format!("the archive has no {name}"))?
        } else {
            println!("cargo:rerun-if-changed=assets/{name}");
            std::fs::read(Path::new("assets").join(name))?
        };
        let mut digest = String::new();
        for byte in Sha256::digest(&content).iter().take(6) {
            write!(digest, "{byte:02x}")?;
        }
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&content)?;
        let file = Path::new(&out).join(format!("{name}.gz"));
        std::fs::write(&file, encoder.finish()?)?;
        writeln!(
            table,
            "    File {{ name: {name:?}, media_type: {media_type:?}, digest: {digest:?}, gzip: include_bytes!({file:?}) }},"
        )?;
    }
    table.push(']');
    std::fs::write(Path::new(&out).join("files.rs"), table)?;
    Ok(())
}

/// A file of the folder `dist`, whichever version the archive has: read by the list at its end (APPNOTE.TXT 4.3.12). Two
/// files do not make up for a library that would be built with every component.
fn vendored(name: &str) -> Option<Vec<u8>> {
    const END: &[u8] = b"PK\x05\x06";
    const ENTRY: &[u8] = b"PK\x01\x02";
    let archive = SWAGGER_UI_VENDORED;
    let end = archive.windows(4).rposition(|bytes| bytes == END)?;
    let suffix = format!("/dist/{name}");
    let mut at = number(archive, end + 16, 4)?;
    while archive.get(at..)?.starts_with(ENTRY) {
        let [name, extra, comment] = [28, 30, 32].map(|offset| number(archive, at + offset, 2));
        let path = archive.get(at + 46..at + 46 + name?)?;
        if path.ends_with(suffix.as_bytes()) {
            return content(
                archive,
                number(archive, at + 42, 4)?,
                number(archive, at + 20, 4)?,
            );
        }
        at += 46 + name? + extra? + comment?;
    }
    None
}

/// The entry at an offset (4.3.7), which is deflated.
fn content(archive: &[u8], at: usize, compressed: usize) -> Option<Vec<u8>> {
    let start = at + 30 + number(archive, at + 26, 2)? + number(archive, at + 28, 2)?;
    let mut content = Vec::new();
    let mut decoder = DeflateDecoder::new(archive.get(start..start + compressed)?);
    decoder.read_to_end(&mut content).ok()?;
    Some(content)
}

/// A number in little-endian order.
fn number(archive: &[u8], at: usize, bytes: usize) -> Option<usize> {
    let bytes = archive.get(at..at + bytes)?.iter().rev();
    Some(bytes.fold(0, |number, byte| number << 8 | usize::from(*byte)))
}
