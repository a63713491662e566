//! The API server over HTTP, request by request.

#[cfg(test)]
mod access;
#[cfg(test)]
mod apply;
#[cfg(test)]
mod bodies;
#[cfg(test)]
mod definitions;
#[cfg(test)]
mod deletion;
#[cfg(test)]
mod discovery;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod objects;
#[cfg(test)]
mod patches;
#[cfg(test)]
mod persistence;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod watches;
