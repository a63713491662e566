//! Generated code, and the export.
#![expect(unsafe_code, reason = "the export of a component is a C function")]

use crate::lookup::{Missing, lookup};
use exports::spin::variables::variables::{Error, Guest};

wit_bindgen::generate!({ path: "wit", world: "env-variables" });

struct Component;

export!(Component);

impl Guest for Component {
    async fn get(name: String) -> Result<String, Error> {
        lookup(&name, |variable| std::env::var(variable)).map_err(|missing| match missing {
            Missing::InvalidName => {
                Error::InvalidName(format!("`{name}` is not in lower_snake_case"))
            }
            Missing::Undefined(variable) => Error::Undefined(format!("{variable} is not set")),
            Missing::NotText(variable) => Error::Provider(format!("{variable} is not UTF-8")),
        })
    }
}
