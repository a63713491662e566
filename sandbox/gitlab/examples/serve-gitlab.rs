//! Runs a GitLab on 127.0.0.1 until Ctrl-C: `cargo run -p sandbox-gitlab --example serve-gitlab -- DIRECTORY [PORT] [PREFIX]`.

use std::net::{Ipv4Addr, SocketAddr};

use sandbox_gitlab::{GitLab, Options};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let data = arguments
        .next()
        .ok_or("which directory is to hold the data?")?;
    let port = arguments.next().map_or(Ok(0), |port| port.parse())?;
    let gitlab = GitLab::start(Options {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        path_prefix: arguments.next().unwrap_or_default(),
        ..Options::new(data)
    })
    .await?;
    println!("{}", gitlab.url());
    println!(
        "project {} in {}",
        gitlab.project_id(),
        gitlab.repository().display()
    );
    println!("maintainer's token: {}", gitlab.tokens().maintainer);
    tokio::signal::ctrl_c().await?;
    gitlab.shutdown().await;
    Ok(())
}
