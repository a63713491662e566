//! The adapter component `env-variables`: exports `spin:variables/variables@3.0.0` and answers from
//! the environment, for hosts that have environment variables but no such interface.
//!
//! The variable `gitlab_url` is the environment variable `NAUTES_GITLAB_URL`, or else
//! `SPIN_VARIABLE_GITLAB_URL`, the name that Spin's own environment provider uses. An environment
//! variable that is set to nothing is a variable with an empty value.
//!
//! | error | when |
//! |---|---|
//! | `invalid-name` | the name is not lower-case words joined by single underscores |
//! | `undefined` | neither environment variable exists |
//! | `provider` | the environment variable exists, and its value is not UTF-8 |

mod bindings;
mod lookup;

// What this component is linked from, as a custom section.
include!(concat!(env!("OUT_DIR"), "/dependencies.rs"));
