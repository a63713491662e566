//! `GET /api/v1/clusters`: all clusters or a page of them, a piece at a time.
//!
//! The listing of the folder names every resource file with the id of its blob. The Cluster resources carry the files'
//! texts: one whose blob id is the listing's is that file, and needs no call to GitLab. The others are read a hundred at
//! a time.

mod page;
mod phases;
mod resources;
mod texts;

use api::UnreadableFile;
use domain::selector::Selector;
use domain::{Cluster, Rejection};
use gitlab::Commit;
use serde::Serialize;

use crate::incoming::{self, Caller, Query};
use crate::management::Management;
use crate::problem::{self, Problem};
use crate::read::{name_of, parse};
use crate::repository::{Failure, Repository};
use crate::response;
use crate::runtime::{Request, Response, Runtime};
use crate::settings::Settings;
use crate::snapshot::Entry;
use crate::view::view;
use page::{Listing, PageQuery};
use resources::Resources;

/// Files that can't be read and are told of: where there are more, something is wrong with the repository itself.
const MOST_UNREADABLE: usize = 50;

/// Clusters of one piece: what one page of Cluster resources holds.
const PIECE: usize = 500;

/// A list under way. Memory holds one piece of it, whatever the number of clusters.
pub struct ClusterStream {
    settings: Settings,
    caller: Caller,
    selector: Selector,
    /// The commit that is listed; empty in a repository without any.
    head: String,
    project_id: u64,
    project_path: String,
    listing: Listing,
    resources: Resources,
    /// The newest commits, where phases are asked for.
    newest: Option<Vec<Commit>>,
    /// The files that can't be read, as the answer tells of them.
    unreadable: Vec<UnreadableFile>,
    is_begun: bool,
    has_items: bool,
    is_ended: bool,
}

/// A registered cluster, and when its Cluster resource was made.
struct Item {
    cluster: Cluster,
    created_at: Option<String>,
}

fn json(member: &impl Serialize) -> String {
    serde_json::to_string(member).unwrap_or_default()
}

/// Begins a list where the request asks for one; `None` for any other request.
///
/// # Errors
/// Every reason of api.md's table that applies to the list.
pub async fn list<W: Runtime>(
    runtime: &W,
    settings: &Settings,
    request: &Request,
) -> Result<Option<ClusterStream>, Problem> {
    let path = request.uri().path();
    // Other paths are for a read, which knows them, and refuses what nobody knows.
    let Ok(None) = incoming::cluster_name(path) else {
        return Ok(None);
    };
    let query = Query::parse(request, incoming::LIST_PARAMETERS)?;
    query.not_watched()?;
    let selector = Selector::parse(query.get("field_selector").unwrap_or_default())
        .map_err(|violations| problem::rejected(Rejection::ValidationFailed(violations), ""))?;
    let page = PageQuery::parse(&query)?;
    let include_status = query.flag("include_status")?;
    let caller = Caller::of(runtime, request)?;
    let mut repository = Repository::new(runtime, settings, &caller)?;
    let opened = repository
        .open()
        .await
        .map_err(problem::gitlab_before_writing)?;
    let head = page.head().unwrap_or_else(|| opened.head()).to_owned();
    let newest = match include_status && !head.is_empty() {
        true => Some(
            repository
                .newest(&head)
                .await
                .map_err(problem::gitlab_before_writing)?,
        ),
        false => None,
    };
    Ok(Some(ClusterStream {
        settings: settings.clone(),
        selector,
        head,
        project_id: opened.project.id,
        project_path: opened.project.path_with_namespace,
        listing: Listing::of(page),
        resources: Resources::default(),
        newest,
        unreadable: Vec::new(),
        is_begun: false,
        has_items: false,
        is_ended: false,
        caller,
    }))
}

/// The same, read to its end.
pub(crate) async fn whole<W: Runtime>(
    runtime: &W,
    settings: &Settings,
    request: &Request,
) -> Result<Response, Problem> {
    let stream = list(runtime, settings, request).await?;
    let mut stream = stream.ok_or_else(|| incoming::no_route(request.uri().path()))?;
    let mut text = String::new();
    while let Some(piece) = stream.next(runtime).await? {
        text += &piece;
    }
    Ok(response::bytes(200, "application/json", text.into_bytes()))
}

impl ClusterStream {
    /// The next piece of the answer's JSON; `None` at the end.
    ///
    /// # Errors
    /// GitLab failed.
    pub async fn next<W: Runtime>(&mut self, runtime: &W) -> Result<Option<String>, Problem> {
        if self.is_ended {
            return Ok(None);
        }
        let mut text = String::new();
        if !std::mem::replace(&mut self.is_begun, true) {
            text.push_str("{\"items\":[");
        }
        for item in self.piece(runtime).await? {
            if std::mem::replace(&mut self.has_items, true) {
                text.push(',');
            }
            text.push_str(&json(&item));
        }
        if self.listing.is_at_end() {
            self.is_ended = true;
            text.push(']');
            if !self.unreadable.is_empty() {
                text.push_str(",\"unreadable\":");
                text.push_str(&json(&std::mem::take(&mut self.unreadable)));
            }
            if let Some(token) = self.listing.next_page_token(&self.head) {
                text.push_str(",\"next_page_token\":");
                text.push_str(&json(&token));
            }
            text.push('}');
        }
        Ok(Some(text))
    }

    /// Tells whether all of it has been handed out.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.is_ended
    }

    async fn piece<W: Runtime>(&mut self, runtime: &W) -> Result<Vec<api::Cluster>, Problem> {
        // Copies, so that the list may change while they are in use.
        let (settings, caller) = (self.settings.clone(), self.caller.clone());
        let mut repository = Repository::new(runtime, &settings, &caller)?;
        repository.resume(self.project_id);
        let management = Management::new(runtime, &settings, &caller)?;
        let files = self.listing.files(&repository, &self.head).await?;
        self.resources
            .read(&management, &files, self.listing.is_paged())
            .await;
        let items = self.items(&repository, files).await?;
        let statuses = match &self.newest {
            Some(newest) => {
                phases::statuses(&repository, &management, &self.head, newest, &items).await
            }
            None => Vec::new(),
        };
        let mut statuses = statuses.into_iter();
        let views = items.into_iter().map(|item| {
            let view = view(&item.cluster);
            api::Cluster {
                created_at: item.created_at,
                status: statuses.next(),
                ..view
            }
        });
        Ok(views.collect())
    }

    /// One file that somebody broke does not hide all other clusters.
    fn report(&mut self, path: &str, problem: Problem) {
        if self.unreadable.len() < MOST_UNREADABLE {
            let name = name_of(path).unwrap_or_default();
            self.unreadable.push(UnreadableFile {
                name: name.to_owned(),
                path: path.to_owned(),
                detail: problem.detail.clone(),
            });
        }
    }

    async fn items<W: Runtime>(
        &mut self,
        repository: &Repository<'_, W>,
        files: Vec<Entry>,
    ) -> Result<Vec<Item>, Problem> {
        let project = &self.project_path;
        let read = texts::read(repository, project, &self.head, files, &mut self.resources).await?;
        let mut items = Vec::with_capacity(read.len());
        for file in read {
            let cluster = match file.content {
                Some(text) => parse(&file.path, &text),
                None => Err(problem::gitlab_before_writing(Failure::LargeFile(
                    file.path.clone(),
                ))),
            };
            match cluster {
                Ok(cluster) if self.selector.matches(&cluster) => items.push(Item {
                    cluster,
                    created_at: file.created_at,
                }),
                Ok(_) => {}
                Err(problem) => self.report(&file.path, problem),
            }
        }
        Ok(items)
    }
}
