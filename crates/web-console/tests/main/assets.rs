//! Style sheet and script.

use service::settings::SettingError;
use web_console::unusable;

use crate::browser::{Browser, Functions};

#[test]
fn a_file_is_kept_for_good_only_under_its_own_digest() {
    let functions = Functions::new();
    let browser = Browser::new(&functions);
    let login = browser.get("/login");
    let (_, rest) = login.text.split_once("/assets/console.css").unwrap();
    let digest = rest.split('"').next().unwrap();
    for (query, caching) in [
        (digest, "public, max-age=31536000, immutable"),
        ("?0123456789ab", "no-cache"),
        ("", "no-cache"),
    ] {
        let file = browser.get(&format!("/assets/console.css{query}"));
        assert_eq!(file.status, 200);
        assert_eq!(file.header("cache-control"), caching, "{query}");
        assert_eq!(file.header("vary"), "accept-encoding");
    }
    assert_eq!(browser.get("/assets/other.css").status, 404);
}

#[test]
fn the_page_about_a_wrong_setting_has_its_style_sheet() {
    let error = SettingError {
        name: "console_key",
        problem: "is too short".into(),
    };
    let answer = |path: &str| {
        let request = http::Request::get(path).body(Vec::new());
        unusable(&error, &request.unwrap())
    };
    assert_eq!(answer("/").status(), 500);
    let sheet = answer("/assets/console.css");
    assert_eq!(sheet.status(), 200);
    assert_eq!(sheet.headers()["content-type"], "text/css; charset=utf-8");
    assert_eq!(
        answer("/readyz").headers()["content-type"],
        "application/problem+json"
    );
}
