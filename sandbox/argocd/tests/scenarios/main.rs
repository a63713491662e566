//! The Argo CD stand-in: installs triggered, watched and undone.

#[cfg(test)]
mod application_sets;
#[cfg(test)]
mod applications;
#[cfg(test)]
mod deletion;
#[cfg(test)]
mod support;
