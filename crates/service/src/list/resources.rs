//! The Cluster resources of the management cluster, with the texts of the resource files.

use std::collections::BTreeMap;

use argocd::objects::RESOURCE_FILE;
use kubernetes::parse::Page;
use serde_json::Value;

use crate::management::Management;
use crate::read::name_of;
use crate::runtime::{MAX_PAGES, Runtime};
use crate::snapshot::Entry;

/// Names in one selector: at 43 characters each, comma included, a URL of at most 11 KiB.
const NAMES: usize = 250;

/// Facts that a Cluster resource tells besides the cluster itself.
#[derive(Default)]
pub(super) struct Registered {
    /// The text of the resource file when the resource was last written.
    pub(super) text: Option<String>,
    /// RFC 3339.
    pub(super) created_at: Option<String>,
}

/// Cluster resources by name, read as far as they are needed.
#[derive(Default)]
pub(super) struct Resources {
    known: BTreeMap<String, Registered>,
    next: Next,
    /// Pages that were read one after another.
    pages: usize,
}

#[derive(Default)]
enum Next {
    #[default]
    First,
    After(String),
    End,
}

impl Resources {
    /// Reads those of some files: by their names for a page, otherwise page by page, both of them in the order of names.
    /// A management cluster that can't be asked leaves all to GitLab.
    pub(super) async fn read<W: Runtime>(
        &mut self,
        management: &Management<'_, W>,
        files: &[Entry],
        by_name: bool,
    ) {
        let names: Vec<&str> = files
            .iter()
            .filter_map(|file| name_of(&file.path))
            .collect();
        if by_name {
            for names in names.chunks(NAMES) {
                let page = management.registered_clusters(Some(names), None).await;
                self.add(page.ok());
            }
            return;
        }
        let Some(last) = names.iter().max() else {
            return;
        };
        while !self.is_read_to(last) && self.pages < MAX_PAGES {
            self.pages += 1;
            let after = match &self.next {
                Next::After(token) => Some(token.as_str()),
                Next::First | Next::End => None,
            };
            let page = management.registered_clusters(None, after).await;
            self.add(page.ok());
        }
    }

    fn is_read_to(&self, name: &str) -> bool {
        let last = self.known.last_key_value();
        matches!(self.next, Next::End) || last.is_some_and(|(last, _)| last.as_str() >= name)
    }

    fn add(&mut self, page: Option<Page>) {
        let page = page.unwrap_or_default();
        self.known
            .extend(page.items.into_iter().filter_map(registered));
        self.next = page.continue_from.map_or(Next::End, Next::After);
    }

    /// Hands one out: each is asked for once.
    pub(super) fn take(&mut self, name: &str) -> Registered {
        self.known.remove(name).unwrap_or_default()
    }
}

fn registered(mut resource: Value) -> Option<(String, Registered)> {
    let text = |pointer| resource.pointer(pointer).and_then(Value::as_str);
    let name = text("/metadata/name")?.to_owned();
    let created_at = text("/metadata/creationTimestamp").map(str::to_owned);
    let annotations = resource.pointer_mut("/metadata/annotations");
    let text = annotations.and_then(|annotations| annotations.get_mut(RESOURCE_FILE));
    let text = text.and_then(|text| match text.take() {
        Value::String(text) => Some(text),
        _ => None,
    });
    Some((name, Registered { text, created_at }))
}
