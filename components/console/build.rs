//! Records what the component is linked from.

fn main() -> anyhow::Result<()> {
    audit::record()
}
