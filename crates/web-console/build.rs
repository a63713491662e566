//! Compresses the style sheet, the script and the icon, and gives each a digest for its address: browsers keep them
//! until they change.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

const ASSETS: [(&str, &str); 3] = [
    ("console.css", "text/css; charset=utf-8"),
    ("console.js", "text/javascript; charset=utf-8"),
    ("icon.svg", "image/svg+xml"),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let out = std::env::var("OUT_DIR")?;
    let mut table = String::from("&[\n");
    for (name, media_type) in ASSETS {
        let source = Path::new("assets").join(name);
        println!("cargo:rerun-if-changed={}", source.display());
        let content = std::fs::read_to_string(&source)?;
        let content = shortened(&content, name.ends_with(".css"));
        let digest: String =
            Sha256::digest(&content)
                .iter()
                .take(6)
                .fold(String::new(), |mut text, byte| {
                    // Writing to a string can't fail.
                    write!(text, "{byte:02x}").ok();
                    text
                });
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(content.as_bytes())?;
        let file = Path::new(&out).join(format!("{name}.gz"));
        std::fs::write(&file, encoder.finish()?)?;
        writeln!(
            table,
            "    Asset {{ name: {name:?}, media_type: {media_type:?}, digest: {digest:?}, gzip: include_bytes!({file:?}) }},"
        )?;
    }
    table.push(']');
    std::fs::write(Path::new(&out).join("assets.rs"), table)?;
    Ok(())
}

/// Comments and spaces are for whoever reads the source: a browser gets none, and the component is smaller. No string of the files
/// has line breaks, and none of the style sheet the pairs that are shortened here.
fn shortened(content: &str, is_css: bool) -> String {
    const PAIRS: [(&str, &str); 6] = [
        (": ", ":"),
        ("; ", ";"),
        (", ", ","),
        (" {", "{"),
        ("{ ", "{"),
        (" }", "}"),
    ];
    let lines = content.lines().map(str::trim);
    let code = lines.filter(|line| !line.starts_with("//") && !line.starts_with("/*"));
    let code = code.fold(String::new(), |code, line| code + line + "\n");
    match is_css {
        true => PAIRS
            .iter()
            .fold(code, |code, (long, short)| code.replace(long, short)),
        false => code,
    }
}
