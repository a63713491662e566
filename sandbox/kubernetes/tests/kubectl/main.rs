//! The real kubectl against the server. Without kubectl on the machine every test here says so and passes.

#[cfg(test)]
mod commands;
#[cfg(test)]
mod support;
