//! `cargo bench`: what a registration costs, piece by piece and end to end.

use std::hint::black_box;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use domain::render::SharedFiles;
use domain::{Checked, Neighbours, SaveRequest, Settings};
use sandbox::options::workspace;
use sandbox_host::ComponentCompiler;
use tests::host::sandbox_with;
use tests::{Log, Tenant, guide};
use tokio::runtime::Runtime;

const NAME: &str = "physical-worker-deployment";

fn request() -> SaveRequest {
    SaveRequest {
        name: NAME.into(),
        content_type: None,
        body: guide("v0.4", NAME).into_bytes(),
    }
}

fn settings() -> Settings {
    Settings {
        tenant: "tenant1".into(),
        repository_url: "https://gitlab.example.com/nautes/management.git".into(),
        target_revision: "HEAD".into(),
        argocd_namespace: "argocd".into(),
        nautes_namespace: "nautes".into(),
        git_url: "https://gitlab.example.com".into(),
        oidc_client_id: "nautes".into(),
        ..Settings::default()
    }
}

fn checked() -> Checked {
    domain::check(&request(), &Neighbours::default(), &settings())
        .expect("the guide's request is valid")
}

/// The domain as native code.
fn compute(c: &mut Criterion) {
    let mut group = c.benchmark_group("compute");
    let (request, settings, checked) = (request(), settings(), checked());
    let neighbours = Neighbours::default();
    group.bench_function("validate", |b| {
        b.iter(|| {
            domain::check(
                black_box(&request),
                black_box(&neighbours),
                black_box(&settings),
            )
        });
    });
    let shared = SharedFiles {
        kustomization: None,
        other_hosts: false,
        other_runtimes: false,
    };
    group.bench_function("render", |b| {
        b.iter(|| {
            domain::render::render(
                &checked.cluster,
                &checked.surroundings,
                black_box(&shared),
                &settings,
            )
        });
    });
    group.finish();
}

/// Instances of composed components under the sandbox's host, with its pool and without.
fn instantiate(c: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let tenant = runtime.block_on(Tenant::start());
    let (variables, log) = (tenant.variables(), Log::default());
    let mut group = c.benchmark_group("instantiate");
    for (memory, compiler) in [
        ("pooling", ComponentCompiler::default()),
        ("no pool", ComponentCompiler::without_pool()),
    ] {
        let manifest = workspace().join("spin.toml");
        let host = sandbox_with(&compiler, &manifest, &variables, &log);
        let host = runtime.block_on(host);
        for component in ["gateway", "save-cluster", "delete-cluster", "read-clusters"] {
            group.bench_function(format!("{component}, {memory}"), |b| {
                b.to_async(&runtime)
                    .iter(|| async { host.instantiate(component).await.expect(component) });
            });
        }
    }
    group.finish();
}

/// Requests through gateway and functions to the local GitLab and Kubernetes API and back.
fn end_to_end(c: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let tenant = runtime.block_on(Tenant::start());
    let mut group = c.benchmark_group("end-to-end");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(10))
        .throughput(Throughput::Elements(1));
    for clients in [1, 16] {
        group.bench_function(format!("save a new cluster, {clients} at a time"), |b| {
            b.to_async(&runtime)
                .iter_custom(|count| save_new(&tenant, count, clients));
        });
    }
    group.bench_function("save it again, nothing to change", |b| {
        let body = guide("v0.4", NAME);
        runtime.block_on(tenant.save(NAME, body.clone())).ok();
        b.to_async(&runtime)
            .iter(|| async { tenant.save(NAME, body.clone()).await.ok() });
    });
    group.bench_function("read one", |b| {
        b.to_async(&runtime)
            .iter(|| async { tenant.get(NAME).await.ok() });
    });
    group.finish();
}

static NEXT: AtomicU32 = AtomicU32::new(0);

/// Every cluster with a name and an API server of its own.
async fn save_new(tenant: &Tenant, count: u64, clients: usize) -> Duration {
    let body = guide("v0.4", NAME);
    let numbers: Vec<u32> = (0..count)
        .map(|_| NEXT.fetch_add(1, Ordering::Relaxed))
        .collect();
    let started = Instant::now();
    let lanes = (0..clients).map(|lane| {
        let mine: Vec<u32> = numbers
            .iter()
            .copied()
            .skip(lane)
            .step_by(clients)
            .collect();
        let body = &body;
        async move {
            for number in mine {
                let server = format!("https://10.{}.{}.1:6443", number / 250, number % 250);
                let body = body.replace("https://8.217.50.114:6443", &server);
                tenant.save(&format!("bench-{number}"), body).await.ok();
            }
        }
    });
    futures::future::join_all(lanes).await;
    started.elapsed()
}

criterion_group!(benches, compute, instantiate, end_to_end);
criterion_main!(benches);
