//! The repository at one commit, as far as one request needs to know it.

use std::collections::{BTreeMap, BTreeSet};

use domain::render::{FolderListing, OverwrittenList, SharedFiles};
use domain::{Cluster, File, Neighbours, References, Usage};
use gather::Gather as _;

use crate::problem::Problem;
use crate::repository::ProjectAccess;
use crate::{paths, problem};

/// A folder to list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Folder {
    /// Path of the folder, without trailing slash.
    pub path: String,
    /// How much of it.
    pub depth: Depth,
}

/// How much of a folder is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// Every file below it.
    Recursive,
    /// Only the folder's own entries.
    Flat,
    /// The folder's first hundred entries at the most: enough to know whether there is anything else.
    Glance,
}

/// Entries that a glance shows at the most.
const GLANCE: usize = 100;

/// Files and folders that have to be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadSet {
    /// Files whose content matters.
    pub files: BTreeSet<String>,
    /// Folders to list.
    pub folders: BTreeSet<Folder>,
}

/// An entry of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// From the root of the repository.
    pub path: String,
    /// Git object id.
    pub id: String,
    /// True for a file; otherwise a folder, or a submodule.
    pub is_file: bool,
    /// True for a link to a commit of another repository.
    pub is_submodule: bool,
}

/// State of the repository at `head`, as far as it is known.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// The commit everything was read at.
    pub head: String,
    /// Content of the files that were asked for; `None` for those that are not there.
    pub files: BTreeMap<String, Option<Vec<u8>>>,
    /// The listings.
    pub folders: BTreeMap<Folder, Vec<Entry>>,
    /// Content to decide upon in place of what is there: after a foreign commit came in between.
    pub overrides: BTreeMap<String, Option<Vec<u8>>>,
}

/// The cluster a request is about, and what the request says of it.
#[derive(Debug, Clone, Default)]
pub struct Subject {
    /// Name of the cluster.
    pub name: String,
    /// References that the request makes; all absent for a removal.
    pub references: References,
}

impl ReadSet {
    /// Collects what a request needs, given what is known already. Reading it may reveal further needs (a cluster
    /// that moves from another host), so this is asked until nothing is missing. `current` is what the cluster's own
    /// resource file says.
    #[must_use]
    pub fn of(subject: &Subject, current: Option<&References>, known: &Snapshot) -> Self {
        let mut needs = Self::default();
        needs.file(paths::KUSTOMIZATION.to_owned());
        needs.folder(paths::TENANT.to_owned(), Depth::Flat);
        needs.folder(paths::RUNTIMES.to_owned(), Depth::Glance);
        needs.folder(paths::HOSTS.to_owned(), Depth::Glance);
        needs.own(&subject.name, known);
        for references in [Some(&subject.references), current].into_iter().flatten() {
            if let Some(api_server) = &references.api_server {
                needs.file(domain::claim::path(api_server));
            }
            if let Some(host) = &references.host_cluster {
                needs.file(domain::resource::path(host));
                needs.folder(paths::host(host), Depth::Recursive);
                needs.virtual_clusters_of(host, known);
            }
        }
        needs
    }

    /// No path is made of a name that no cluster can have; validation says what is wrong with it.
    fn own(&mut self, name: &str, known: &Snapshot) {
        if paths::is_cluster_name(name) {
            self.file(domain::resource::path(name));
            self.folder(paths::runtime(name), Depth::Recursive);
            self.folder(paths::host(name), Depth::Recursive);
            self.virtual_clusters_of(name, known);
        }
    }

    fn file(&mut self, path: String) {
        self.files.insert(path);
    }

    /// Adds a folder.
    pub fn folder(&mut self, path: String, depth: Depth) {
        self.folders.insert(Folder { path, depth });
    }

    fn virtual_clusters_of(&mut self, host: &str, known: &Snapshot) {
        for name in known.virtual_clusters(host) {
            self.file(domain::resource::path(&name));
        }
    }

    /// The files of virtual clusters whose names were seen before the head was known: reading them
    /// along with the rest saves a round trip.
    pub fn guess(&mut self, names: &[String]) {
        for name in names {
            self.file(domain::resource::path(name));
        }
    }

    /// Keeps only what is not known yet.
    #[must_use]
    pub fn missing(self, known: &Snapshot) -> Self {
        Self {
            files: self
                .files
                .into_iter()
                .filter(|path| !known.files.contains_key(path))
                .gather(),
            folders: self
                .folders
                .into_iter()
                .filter(|folder| !known.folders.contains_key(folder))
                .gather(),
        }
    }

    /// Tells whether one of the folders tells if there is a file at this path.
    #[must_use]
    pub fn covers(&self, path: &str) -> bool {
        self.folders.iter().any(|folder| folder.covers(path))
    }

    /// Tells whether there is nothing to read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.folders.is_empty()
    }
}

impl Snapshot {
    /// Nothing but the commit is known.
    #[must_use]
    pub fn at(head: &str) -> Self {
        Self {
            head: head.to_owned(),
            ..Self::default()
        }
    }

    /// The same for the commit that counts.
    #[must_use]
    pub fn at_head_of(opened: &ProjectAccess) -> Self {
        Self::at(opened.head())
    }

    /// Everything below a host's own folder, where it was listed.
    fn host_folder(&self, host: &str) -> &[Entry] {
        let folder = Folder {
            path: paths::host(host),
            depth: Depth::Recursive,
        };
        self.folders.get(&folder).map_or(&[], Vec::as_slice)
    }

    /// Refuses to take a registered host for one without virtual clusters where somebody has removed the folder that names
    /// them: with it gone, nothing that is cheap to read says whose they are, and what is made of it for the host, for one
    /// of them or for a new one would have Argo CD remove the others.
    ///
    /// # Errors
    /// The folder of the host, which `cluster` is or has, has nothing in it.
    pub fn require_host_folder(&self, cluster: &Cluster) -> Result<(), Problem> {
        let host = match (&cluster.host_cluster, cluster.usage) {
            (Some(host), _) => host,
            (None, Usage::Host) => &cluster.name,
            (None, Usage::Worker) => return Ok(()),
        };
        // A removal is decided once more upon the file that its own commit has removed or changed, with the folder.
        let file = domain::resource::path(host);
        match (
            self.host_folder(host),
            self.overrides.get(&file),
            self.files.get(&file),
        ) {
            ([], None, Some(Some(_))) => Err(problem::host_folder_gone(paths::host(host))),
            _ => Ok(()),
        }
    }

    /// Names of the virtual clusters that have a folder on a host, sorted.
    #[must_use]
    pub fn virtual_clusters(&self, host: &str) -> BTreeSet<String> {
        self.host_folder(host)
            .iter()
            .filter_map(|entry| paths::virtual_cluster_of(&entry.path, host))
            .map(str::to_owned)
            .gather()
    }

    /// A file's content, where it was read and is there.
    #[must_use]
    pub fn content(&self, path: &str) -> Option<&Vec<u8>> {
        let overrides = self.overrides.get(path);
        overrides.or_else(|| self.files.get(path))?.as_ref()
    }

    /// The resource file of a cluster, where there is one.
    #[must_use]
    pub fn registered(&self, name: &str) -> Option<&Vec<u8>> {
        let path = domain::resource::path(name);
        self.content(&path).filter(|_| is_resource_file(&path))
    }

    /// The path of the claim on the API server that a request asks for, and what is wrong with it: nobody could tell whose
    /// the server is, and GitLab would refuse the new claim as a lost race, time and again.
    #[must_use]
    pub fn unreadable_claim(&self, subject: &Subject) -> Option<(String, &'static str)> {
        let path = domain::claim::path(subject.references.api_server.as_deref()?);
        let content = self.content(&path)?;
        let is_claim = domain::claim::owner(content).is_some();
        (!is_claim).then(|| (path, domain::claim::problem(content)))
    }

    /// Collects what validation has to know of other clusters.
    #[must_use]
    pub fn neighbours(&self, subject: &Subject, now: u64) -> Neighbours {
        let owner = subject
            .references
            .api_server
            .as_deref()
            .and_then(|api_server| self.content(&domain::claim::path(api_server)))
            .and_then(|content| domain::claim::owner(content));
        Neighbours {
            resource_files: self.resource_files(),
            api_server_owner: owner,
            credentials_stored: false,
            dependants: Vec::new(),
            now,
        }
    }

    fn resource_files(&self) -> Vec<File> {
        self.files
            .keys()
            .filter(|path| is_resource_file(path))
            .filter_map(|path| {
                Some(File {
                    path: path.clone(),
                    content: self.content(path)?.clone(),
                })
            })
            .collect()
    }

    /// The shared files that rendering rewrites.
    #[must_use]
    pub fn shared_files(&self, name: &str) -> SharedFiles {
        SharedFiles {
            kustomization: self.content(paths::KUSTOMIZATION).cloned(),
            other_hosts: self.others(paths::HOSTS, "", &paths::host(name)),
            other_runtimes: self.others(paths::RUNTIMES, "-runtime", &paths::runtime(name)),
        }
    }

    /// Tells whether a folder has other subfolders with this end than a cluster's own.
    fn others(&self, path: &str, suffix: &str, own: &str) -> bool {
        let folder = Folder {
            path: path.to_owned(),
            depth: Depth::Glance,
        };
        let is_other =
            |entry: &Entry| !entry.is_file && entry.path.ends_with(suffix) && entry.path != own;
        // Who has seen only the beginning of a long listing does not know that there is none.
        let entries = self.folders.get(&folder);
        entries.is_some_and(|it| it.len() >= GLANCE || it.iter().any(is_other))
    }

    /// The folder of the resource files with its list; nothing where neither is there.
    #[must_use]
    pub fn listing(&self, overwritten: &[OverwrittenList]) -> Option<FolderListing> {
        let folder = Folder {
            path: paths::RESOURCE_FILES.to_owned(),
            depth: Depth::Recursive,
        };
        let entries = self.folders.get(&folder).into_iter().flatten();
        let files = entries.filter(|entry| entry.is_file);
        let below = |path: &'_ str| path.get(folder.path.len() + 1..).map(str::to_owned);
        let names = files.filter_map(|entry| below(&entry.path));
        let listing = FolderListing {
            kustomization: self.files.get(paths::KUSTOMIZATION).cloned().flatten(),
            files: names.collect(),
            overwritten: overwritten.to_vec(),
        };
        let is_there = listing.kustomization.is_some() || !listing.files.is_empty();
        is_there.then_some(listing)
    }

    /// Path → Git blob id of every file known, listed or read.
    #[must_use]
    pub fn blob_ids(&self, blob_id: impl Fn(&[u8]) -> String) -> BTreeMap<String, String> {
        let listed = self
            .folders
            .values()
            .flatten()
            .filter(|entry| entry.is_file);
        let read = self
            .files
            .iter()
            .filter_map(|(path, content)| Some((path, content.as_ref()?)));
        listed
            .map(|entry| (entry.path.clone(), entry.id.clone()))
            .chain(read.map(|(path, content)| (path.clone(), blob_id(content))))
            .gather()
    }

    /// The listed submodule in whose place one of the files is to be, or a folder of theirs.
    #[must_use]
    pub fn submodule_at<'a>(&self, mut files: impl Iterator<Item = &'a String>) -> Option<&str> {
        let listed = self.folders.values().flatten();
        let submodules: BTreeSet<&str> = listed
            .filter(|entry| entry.is_submodule)
            .map(|entry| &*entry.path)
            .gather();
        if submodules.is_empty() {
            return None;
        }
        files.find_map(|file| places(file).find_map(|place| submodules.get(place).copied()))
    }

    /// Tells whether it is known if there is a file at this path.
    #[must_use]
    pub fn covers(&self, path: &str) -> bool {
        self.files.contains_key(path) || self.folders.keys().any(|folder| folder.covers(path))
    }
}

impl Folder {
    fn covers(&self, path: &str) -> bool {
        let Some(rest) = path
            .strip_prefix(&self.path)
            .and_then(|rest| rest.strip_prefix('/'))
        else {
            return false;
        };
        match self.depth {
            Depth::Recursive => true,
            Depth::Flat => !rest.contains('/'),
            Depth::Glance => false,
        }
    }
}

/// A file's own path, and those of the folders above it.
pub(crate) fn places(file: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(file), |path| Some(path.rsplit_once('/')?.0))
}

fn is_resource_file(path: &str) -> bool {
    path != paths::KUSTOMIZATION && path.starts_with(paths::RESOURCE_FILES)
}

impl Subject {
    /// The host whose virtual clusters may matter: the one a virtual cluster names, or the cluster
    /// itself where it may be a host.
    #[must_use]
    pub fn likely_host(&self) -> Option<&str> {
        match (&self.references.host_cluster, self.references.usage) {
            (Some(host), _) => Some(host),
            (None, Some(Usage::Worker)) => None,
            (None, _) => Some(&self.name),
        }
    }
}
