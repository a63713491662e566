//! The real kubectl against the server. Without kubectl on the machine every test here says so and passes.

#[cfg(test)]
mod apply;
#[cfg(test)]
mod changes;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod support;
