//! Runs the API server until Ctrl-C: `cargo run -p sandbox-kubernetes --example serve-kubernetes -- DATA_FOLDER`.

use sandbox_kubernetes::{Kubernetes, Options};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "target/sandbox-kubernetes".into());
    let kubernetes = Kubernetes::start(Options::new(data)).await?;
    println!("{}  {}", kubernetes.url(), kubernetes.url_tls());
    println!(
        "kubectl --kubeconfig {} get namespaces",
        kubernetes.kubeconfig().display()
    );
    tokio::signal::ctrl_c().await?;
    kubernetes.shutdown().await;
    Ok(())
}
