//! The same clusters give the same bytes.

use domain::Surroundings;
use domain::render::render;

use crate::fixtures::{five, settings};
use crate::repository::Repository;

#[test]
fn the_order_of_registration_does_not_matter() {
    let expected = Repository::of(settings(), &five()).files;
    // The host (0) has to be there before its virtual clusters (3, 4).
    for order in [
        [0, 4, 3, 2, 1],
        [1, 2, 0, 3, 4],
        [2, 0, 4, 1, 3],
        [0, 3, 1, 4, 2],
    ] {
        let clusters: Vec<_> = order.iter().map(|n| five()[*n].clone()).collect();
        assert_eq!(
            Repository::of(settings(), &clusters).files,
            expected,
            "{order:?}"
        );
    }
}

#[test]
fn saving_again_changes_nothing() {
    let mut repository = Repository::of(settings(), &five());
    let before = repository.files.clone();
    for cluster in five() {
        repository.save(&cluster);
        assert_eq!(repository.files, before, "{}", cluster.name);
    }
}

#[test]
fn the_order_of_neighbours_does_not_matter() {
    let repository = Repository::of(settings(), &five());
    let host = &five()[0];
    let shared = repository.shared(host);
    let Surroundings {
        host: none,
        mut virtual_clusters,
    } = repository.surroundings(host);
    virtual_clusters.reverse();
    let reversed = Surroundings {
        host: none,
        virtual_clusters,
    };
    let tree = render(host, &reversed, &shared, &repository.settings).unwrap();
    assert_eq!(tree, repository.render(host).unwrap());
}
